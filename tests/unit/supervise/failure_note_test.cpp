#include "src/supervise/failure_note.hpp"

#include <doctest/doctest.h>

using namespace toolkit::supervise;

namespace {
constexpr const char* kStderr =
    "loading\nTraceback (most recent call last):\n  File \"old.py\", line 1\nKeyError: 'a'\n"
    "During handling of the above exception, another exception occurred:\n"
    "Traceback (most recent call last):\n  File \"train.py\", line 7, in <module>\n    "
    "f()\nValueError: bad shape\n";
}

TEST_CASE("the last traceback is what counts") {
  CHECK(final_line(kStderr) == "ValueError: bad shape");
  CHECK(last_words(kStderr, 1000)
            .starts_with("Traceback (most recent call last):\n  File \"train.py\""));
  CHECK(final_line("one\ntwo\n\n") == "two");
  CHECK(final_line("") == "");
}

TEST_CASE("the failure file begins with the exception and fits its limit") {
  const std::string text = failure_reason("exited with code 1", kStderr);
  CHECK(text.starts_with("ValueError: bad shape\nexited with code 1\nTraceback"));
  CHECK(failure_reason("x", std::string(5000, 'e')).size() <= 1024);
}

TEST_CASE("the termination message fits the kubelet's limit and keeps the verdict") {
  std::string many;
  for (int i = 0; i < 2000; ++i) {
    many += "line " + std::to_string(i) + "\n";
  }
  const std::string text = termination_message("killed by SIGSEGV", many);
  CHECK(text.size() <= 4096);
  CHECK(text.starts_with("killed by SIGSEGV\nline "));
  CHECK(text.ends_with("line 1999\n"));
}

TEST_CASE("a cut never leaves half of a character") {
  std::string wide;
  for (int i = 0; i < 2000; ++i) {
    wide += "\xC3\xA9";
  }
  const std::string text = failure_reason("x", wide);
  CHECK((static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80);
  CHECK(text.size() % 2 == 0);
}

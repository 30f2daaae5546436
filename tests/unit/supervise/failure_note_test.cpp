#include "src/supervise/failure_note.hpp"

#include "src/supervise/traceback.hpp"

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
  CHECK(text.starts_with(
      "ValueError: bad shape\nexited with code 1\nearlier: KeyError: 'a'\nTraceback"));
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

TEST_CASE("a rank's exception is not lost behind its launcher's") {
  const std::string text =
      termination_message("exited with code 1",
                          "Traceback (most recent call last):\n"
                          "  File \"train.py\", line 7\nValueError: spoiled\n"
                          "Traceback (most recent call last):\n"
                          "  File \"train.py\", line 9\nRuntimeError: no peer\n"
                          "Traceback (most recent call last):\n"
                          "  File \"train.py\", line 9\nRuntimeError: no peer\n"
                          "Traceback (most recent call last):\n"
                          "  File \"run.py\", line 1\nelastic.ChildFailedError: \n"
                          "=====\nrank : 1\n");
  CHECK(
      text.starts_with("exited with code 1\nearlier: ValueError: spoiled\n"
                       "earlier: RuntimeError: no peer\nTraceback"));
  CHECK(text.ends_with("ChildFailedError: \n=====\nrank : 1\n"));
}

TEST_CASE("tracebacks that ranks write at once are told apart") {
  CHECK(
      exception_lines("Traceback (most recent call last):\nTraceback (most recent call last):\n"
                      "  File \"a\"\n  File \"b\"\nKeyError: 'a'\nsome log line\nMemoryError\n") ==
      std::vector<std::string_view>{"KeyError: 'a'", "MemoryError"});
  const std::string_view prefixed =
      "[rank1]: Traceback (most recent call last):\n[rank0]: Traceback (most recent call last):\n"
      "[rank1]:   File \"a\"\n[rank0]: IndexError: 7\nINFO: end\n[rank1]: ValueError: bad\n";
  CHECK(exception_lines(prefixed) ==
        std::vector<std::string_view>{"[rank0]: IndexError: 7", "[rank1]: ValueError: bad"});
  CHECK(final_line(prefixed) == "[rank1]: ValueError: bad");
}

TEST_CASE("a cut never leaves half of a character") {
  std::string wide;
  for (int i = 0; i < 2000; ++i) {
    wide += "\xC3\xA9";
  }
  const std::string text = failure_reason("x", wide);
  CHECK((static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80);
  CHECK(text.size() % 2 == 0);
  // What was kept of stderr may begin within a character: the first bytes are then nobody's.
  const std::string rest = "\xA9" + wide;
  CHECK(final_line(rest) == wide);
  CHECK(termination_message("x", rest).find("\n\xC3") == 1);
}

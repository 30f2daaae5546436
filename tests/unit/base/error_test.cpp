#include <toolkit/base/result.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <memory>

using namespace toolkit;

TEST_CASE("every kind of error has its exit code") {
  CHECK(exit_code_for({ErrorKind::usage, "", ""}) == 2);
  CHECK(exit_code_for({ErrorKind::unavailable, "", ""}) == 75);
  CHECK(exit_code_for({ErrorKind::timed_out, "", ""}) == 124);
  CHECK(exit_code_for({ErrorKind::interrupted, "", ""}) == 130);
  for (const ErrorKind kind :
       {ErrorKind::not_found, ErrorKind::denied, ErrorKind::failed, ErrorKind::internal}) {
    CHECK(exit_code_for({kind, "", ""}) == 1);
  }
}

TEST_CASE("the system's words begin in lower case, unless they are a name") {
  CHECK(errno_words(ENOENT) == "no such file or directory");
  CHECK(errno_words(EIO) == "input/output error");
  CHECK(errno_words(ENOTTY) == "inappropriate ioctl for device");
  CHECK(errno_words(EXDEV) == "invalid cross-device link");
  CHECK(errno_words(ESRCH) == "no such process");
  CHECK(errno_words(99999).find("99999") != std::string::npos);
}

TEST_CASE("an errno becomes an error of the right kind") {
  const Error error = system_error("cannot open /x", ENOENT, "make it");
  CHECK(error.message == "cannot open /x: no such file or directory");
  CHECK(error.remedy == "make it");
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(system_error("x", ENOTDIR).kind == ErrorKind::not_found);
  CHECK(system_error("x", EACCES).kind == ErrorKind::denied);
  CHECK(system_error("x", EPERM).kind == ErrorKind::denied);
  CHECK(system_error("x", EROFS).kind == ErrorKind::denied);
  CHECK(system_error("x", EIO).kind == ErrorKind::failed);
}

TEST_CASE("TRY hands the error on and TRY_ASSIGN moves the value") {
  const auto half = [](int number) -> Result<std::unique_ptr<int>> {
    if (number % 2 != 0) {
      return fail(ErrorKind::failed, "odd");
    }
    return std::make_unique<int>(number / 2);
  };
  const auto quarter = [&](int number) -> Result<int> {
    TRY(half(number));
    TRY_ASSIGN(const auto once, half(number));
    TRY_ASSIGN(const auto twice, half(*once));
    return *twice;
  };
  CHECK(quarter(8) == 2);
  CHECK(quarter(6).error().message == "odd");
  CHECK(quarter(7).error().message == "odd");
}

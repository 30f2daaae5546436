#include <toolkit/base/error.hpp>

#include <cerrno>
#include <cstring>

namespace toolkit {

int exit_code_for(const Error& error) {
  if (error.exit_code != 0) {
    return error.exit_code;
  }
  switch (error.kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::unavailable:
      return 75;
    case ErrorKind::timed_out:
      return 124;
    case ErrorKind::interrupted:
      return 130;
    default:
      return 1;
  }
}

std::string errno_words(int error_number) {
  char buffer[128] = {};
  std::string words = ::strerror_r(error_number, buffer, sizeof buffer);
  if (words.size() > 1 && words[0] >= 'A' && words[0] <= 'Z' && words[1] >= 'a') {
    words[0] = static_cast<char>(words[0] + ('a' - 'A'));
  }
  return words;
}

namespace {
ErrorKind kind_for(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::denied;
    default:
      return ErrorKind::failed;
  }
}
}  // namespace

Error system_error(std::string_view what, int error_number, std::string remedy) {
  return Error{kind_for(error_number), std::string(what) + ": " + errno_words(error_number),
               std::move(remedy), 0};
}

}  // namespace toolkit

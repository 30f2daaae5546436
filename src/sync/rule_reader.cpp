#include "rule_reader.hpp"

#include <toolkit/base/file.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <array>

namespace toolkit::sync {
namespace {

constexpr std::size_t kLimit = 16 << 20;

}  // namespace

Result<std::string> RuleFiles::read_file(const std::string& path) {
  if (path != "-") {
    return toolkit::read_file(path, kLimit);
  }
  const auto text = read_all(STDIN_FILENO, kLimit);
  if (!text) {
    return fail_errno("cannot read rules from stdin", text.error());
  }
  return *text;
}

Result<std::string> RuleFiles::read_in_tree(const std::string& key) {
  if (source_ == nullptr) {
    return fail(ErrorKind::not_found, fmt::format("no {}", key));
  }
  TRY_ASSIGN(const auto content, source_->open(key, false));
  std::string text;
  std::array<char, 65536> piece;
  while (text.size() < kLimit) {
    TRY_ASSIGN(const std::size_t count, content->read(text.size(), piece));
    if (count == 0) {
      break;
    }
    text.append(piece.data(), count);
  }
  return text;
}

std::string RuleFiles::cvs_patterns() {
  const auto value = [this](const char* name) {
    const char* const found = get_env_ != nullptr ? get_env_(name) : nullptr;
    return std::string(found != nullptr ? found : "");
  };
  const std::string home = value("HOME");
  const auto file =
      home.empty() ? std::string() : toolkit::read_file(home + "/.cvsignore", kLimit).value_or("");
  return file + '\n' + value("CVSIGNORE");
}

}  // namespace toolkit::sync

#include "growing.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cstring>

namespace toolkit::sync {
namespace {

// What logrotate's `compress` makes of a rotated log: written once, and never a continuation.
constexpr const char* kCompressed[] = {"*.gz", "*.bz2", "*.xz", "*.zst", "*.lz4", "*.zip"};

// Most patterns are an ending: compared without fnmatch(3), which was a tenth of a quiet pass.
bool fits(const char* pattern, const std::string& name) {
  const bool is_ending = *pattern == '*' && std::strpbrk(pattern + 1, "*?[\\") == nullptr;
  return is_ending ? name.ends_with(pattern + 1) : ::fnmatch(pattern, name.c_str(), 0) == 0;
}
bool fits_one_of(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return fits(pattern.c_str(), name); });
}

}  // namespace

GrowingNames::GrowingNames(std::vector<std::string> growing, std::vector<std::string> whole)
    : growing_(std::move(growing)), whole_(std::move(whole)) {}

// Rotated ones too (x.log.1, x.log-20260101): with logrotate's `delaycompress` the writer may still
// have them open, and a rename is then not sent again. nohup.out is one of *.out, TensorBoard's
// events.out.tfevents.TIME.HOST.PID.N has a name of its own.
const std::vector<std::string_view>& GrowingNames::usual() {
  static const std::vector<std::string_view> patterns = {
      "*.log", "*.log.[0-9]*", "*.log-[0-9]*",         "*.out", "*.err", "*.jsonl",
      "*.csv", "*.txt",        "events.out.tfevents.*"};
  return patterns;
}

bool GrowingNames::matches(const std::string& name) const {
  if (fits_one_of(whole_, name)) {
    return false;
  }
  if (!growing_.empty()) {
    return fits_one_of(growing_, name);
  }
  const bool compressed = std::any_of(std::begin(kCompressed), std::end(kCompressed),
                                      [&](const char* pattern) { return fits(pattern, name); });
  return !compressed && std::any_of(usual().begin(), usual().end(), [&](std::string_view pattern) {
    return fits(pattern.data(), name);  // literals, each with its NUL
  });
}

}  // namespace toolkit::sync

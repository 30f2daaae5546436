#pragma once
// An environment of a test's own, for what takes a get_env function.

#include <map>
#include <string>

namespace toolkit::support {

/// Each test assigns what it wants, and nothing else is there.
inline std::map<std::string, std::string>& variables() {
  static std::map<std::string, std::string> values;
  return values;
}

inline const char* get_variable(const char* name) {
  const auto found = variables().find(name);
  return found == variables().end() ? nullptr : found->second.c_str();
}

}  // namespace toolkit::support

#include <tests/support/environment.hpp>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace toolkit::support {

namespace {
std::string variable_or(const char* name, const char* otherwise) {
  const char* value = ::getenv(name);
  return value != nullptr ? value : otherwise;
}
}  // namespace

std::string toolkit_path() { return variable_or("TOOLKIT_BINARY", TOOLKIT_BINARY_DEFAULT); }
std::string fixture_path() { return variable_or("TOOLKIT_FIXTURE", TOOLKIT_FIXTURE_DEFAULT); }

bool sanitized() { return TOOLKIT_SANITIZED != 0; }

std::vector<std::string> child_environment(const std::map<std::string, std::string>& changes,
                                           const std::vector<std::string>& removed) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string name(text.substr(0, text.find('=')));
    const bool ours = name.starts_with("TOOLKIT_");
    const bool unset = std::find(removed.begin(), removed.end(), name) != removed.end();
    if (!ours && !unset && !changes.contains(name)) {
      result.emplace_back(text);
    }
  }
  for (const auto& [name, value] : changes) {
    result.push_back(name + "=" + value);
  }
  return result;
}

}  // namespace toolkit::support

// Random variables of launchers: never a crash, and what is set names its source, what is not its
// reason. A line is a variable; "name\tvalue", the name by its number among those that rules ask
// for.
#include <toolkit/base/text.hpp>
#include <toolkit/cluster/exports.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>

using namespace toolkit::cluster;

namespace {

/// A first run learns which names the rules ask for.
std::vector<std::string>& names() {
  static std::vector<std::string> all{"RANK", "WORLD_SIZE", "LOCAL_RANK",
                                      "KUBERNETES_SERVICE_HOST"};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::map<std::string, std::string, std::less<>> variables;
  std::map<std::string, bool, std::less<>> asked;
  for (const auto line : toolkit::split({reinterpret_cast<const char*>(data), size}, '\n')) {
    if (!line.empty()) {
      const auto number = static_cast<unsigned char>(line[0]) % names().size();
      variables[names()[number]] = line.substr(1);
    }
  }
  const Surroundings surroundings(
      [&](std::string_view name) -> std::optional<std::string_view> {
        asked[std::string(name)] = true;
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt
                                        : std::optional<std::string_view>(found->second);
      },
      "/nonexistent", "host");
  const auto identity = identify(surroundings, {});
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const auto& value = identity.values[i];
    if (value ? value->sources.empty() : identity.missing[i].empty()) {
      std::abort();
    }
  }
  (void)make_exports(identity, surroundings, {4.0});
  for (const auto& [name, yes] : asked) {
    if (names().size() < 250 && std::ranges::find(names(), name) == names().end()) {
      names().push_back(name);
    }
  }
  return 0;
}

#include "../json_input.hpp"
#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <limits>

namespace toolkit::cluster {
namespace {

// harness/determined/_info.py, class RendezvousInfo.
constexpr std::string_view kFile = "/run/determined/info/rendezvous.json";

std::string_view detect(const Surroundings& surroundings) {
  return surroundings.exists(std::string(kFile)) ? kFile : "";
}

void read(Account& account) {
  account.say(Field::job_id, "DET_ALLOCATION_ID");
  const auto json = parse_json(account.surroundings().file(std::string(kFile)).value_or(""), kFile);
  if (!json) {
    account.trouble(json.error().message);
    return;
  }
  const auto source = [](std::string_view name) { return fmt::format("{}: {}", kFile, name); };
  if (const auto* addresses = json->find("container_addrs")) {
    const auto names = addresses->texts();
    account.say_nodes(names, source("container_addrs"));
    if (!names.empty()) {
      account.compose(Field::node_count, fmt::format("{}", names.size()),
                      {source("container_addrs")}, "the number of addresses");
    }
  }
  if (const auto* rank = json->find("container_rank"); rank != nullptr && parse_whole(rank->text)) {
    account.set(Field::node_rank, rank->text, {source("container_rank")});
  }
  if (const auto* slots = json->find("container_slot_counts")) {
    for (const auto& [name, slot] : slots->members) {
      const auto count = parse_whole(slot.text);
      if (!count || *count > std::numeric_limits<std::int32_t>::max()) {
        account.trouble(source("container_slot_counts") + ": no list of whole numbers");
        account.slots = {};
        return;
      }
      account.slots.counts.push_back(static_cast<std::uint32_t>(*count));
    }
    account.slots.sources = {source("container_slot_counts")};
  }
}

}  // namespace

extern const Platform kDetermined;
const Platform kDetermined{"determined", "Determined container", Scope::node, detect, read};

}  // namespace toolkit::cluster

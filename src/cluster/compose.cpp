#include "compose.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <numeric>

namespace toolkit::cluster {
namespace {

bool wants(const Account& account, Field field) {
  return !at(account.values, field) && account.missing[static_cast<std::size_t>(field)].empty();
}

void append(std::vector<std::string>& sources, const std::optional<Value>& value) {
  if (value) {
    sources.insert(sources.end(), value->sources.begin(), value->sources.end());
  }
}

/// Processes per node: the platform's word, then --nproc, then one for each visible GPU.
void settle_slots(Account& account) {
  auto& slots = account.slots;
  if (slots.counts.empty() && account.wishes().processes) {
    const auto count = *account.wishes().processes;
    slots = {{count}, {fmt::format("--nproc={}", count)}, Confidence::composed};
  } else if (slots.counts.empty() && account.wishes().gpus.value_or(0) > 0) {
    const auto count = *account.wishes().gpus;
    slots = {{count}, {fmt::format("{} visible GPUs", count)}, Confidence::guessed};
  }
}

void put(Account& account, Field field, std::uint64_t number, std::vector<std::string> sources,
         std::string rule) {
  if (!wants(account, field)) {
    return;
  }
  account.compose(field, fmt::format("{}", number), std::move(sources), std::move(rule));
  if (account.slots.confidence == Confidence::guessed) {
    account.values[static_cast<std::size_t>(field)]->confidence = Confidence::guessed;
  }
}

struct Place {
  std::uint64_t before = 0;  // processes of the nodes before ours
  std::uint64_t here = 0;
};

/// Nothing where ours is not in the list.
std::optional<Place> place_of(const Account::Slots& slots, std::uint64_t node) {
  if (slots.counts.size() == 1) {
    return Place{node * slots.counts[0], slots.counts[0]};
  }
  if (node >= slots.counts.size()) {
    return std::nullopt;
  }
  const auto ours = slots.counts.begin() + static_cast<std::ptrdiff_t>(node);
  return Place{std::accumulate(slots.counts.begin(), ours, std::uint64_t{0}), *ours};
}

void compose_world(Account& account) {
  const auto& slots = account.slots;
  const auto nodes = number_of(account.values, Field::node_count);
  auto sources = slots.sources;
  if (slots.counts.size() == 1 && nodes) {
    append(sources, at(account.values, Field::node_count));
    put(account, Field::world_size, *nodes * slots.counts[0], std::move(sources),
        "nodes × processes per node");
  } else if (slots.counts.size() > 1) {
    put(account, Field::world_size,
        std::accumulate(slots.counts.begin(), slots.counts.end(), std::uint64_t{0}),
        std::move(sources), "the sum of the processes of all nodes");
  }
}

/// LOCAL_RANK where it is set, and 0 where it can be nothing else.
void compose_local(Account& account, std::uint64_t here, const std::vector<std::string>& sources) {
  put(account, Field::local_world_size, here, sources, "the processes of this node");
  if (wants(account, Field::local_rank) && !account.say(Field::local_rank, "LOCAL_RANK") &&
      here == 1) {
    put(account, Field::local_rank, 0, sources, "the only process of its node");
  }
}

void compose_rank(Account& account, const Place& place) {
  const auto local = number_of(account.values, Field::local_rank);
  if (!local) {
    account.lacks(Field::rank,
                  fmt::format("this is a node of {} processes, RANK is {} + LOCAL_RANK, and "
                              "LOCAL_RANK is not set",
                              place.here, place.before));
    return;
  }
  auto sources = account.slots.sources;
  append(sources, at(account.values, Field::node_rank));
  append(sources, at(account.values, Field::local_rank));
  put(account, Field::rank, place.before + *local, std::move(sources),
      "the processes of the nodes before this one + LOCAL_RANK");
}

}  // namespace

std::optional<std::uint64_t> number_of(const Values& values, Field field) {
  const auto& value = at(values, field);
  const auto number = value ? parse_whole(value->text) : std::nullopt;
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

void compose_single_node(Account& account) {
  const auto all = number_of(account.values, Field::world_size);
  if (!all || all != number_of(account.values, Field::local_world_size)) {
    return;
  }
  constexpr auto* kRule = "all processes of the job are on this node";
  std::vector<std::string> sources;
  append(sources, at(account.values, Field::world_size));
  append(sources, at(account.values, Field::local_world_size));
  put(account, Field::node_count, 1, sources, kRule);
  put(account, Field::node_rank, 0, sources, kRule);
  if (wants(account, Field::master_addr)) {
    account.compose(Field::master_addr, "127.0.0.1", std::move(sources), kRule);
  }
}

void compose_ranks(Account& account) {
  settle_slots(account);
  const auto node = number_of(account.values, Field::node_rank);
  if (account.slots.counts.empty()) {
    if (node && wants(account, Field::rank)) {
      account.lacks(Field::rank, "how many processes a node has is not known: give --nproc");
      account.lacks(Field::world_size, "how many processes a node has is not known: give --nproc");
    }
    return;
  }
  compose_world(account);
  if (account.slots.counts.size() == 1) {
    compose_local(account, account.slots.counts[0], account.slots.sources);
  }
  const auto place = node ? place_of(account.slots, *node) : std::nullopt;
  if (!place) {
    return;
  }
  if (account.slots.counts.size() > 1) {
    auto sources = account.slots.sources;
    append(sources, at(account.values, Field::node_rank));
    compose_local(account, place->here, sources);
  }
  if (wants(account, Field::rank)) {
    compose_rank(account, *place);
  }
}

void check_sizes(Account& account) {
  constexpr std::pair<Field, Field> kBelow[] = {{Field::rank, Field::world_size},
                                                {Field::local_rank, Field::local_world_size},
                                                {Field::node_rank, Field::node_count}};
  for (const auto& [field, size] : kBelow) {
    const auto number = number_of(account.values, field);
    const auto limit = number_of(account.values, size);
    if (number && limit && *number >= *limit) {
      account.trouble(fmt::format("{} {} is not below {} {} ({}; {})", field_name(field), *number,
                                  field_name(size), *limit,
                                  fmt::join(at(account.values, field)->sources, ", "),
                                  fmt::join(at(account.values, size)->sources, ", ")));
    }
  }
}

}  // namespace toolkit::cluster

#include "local_draft.hpp"
#include "local_store.hpp"
#include "local_tail.hpp"

#include <optional>

namespace toolkit::store {

OrErrno<UniqueFd> LocalStore::directory_to_grow_in(const std::string& key, std::uint64_t offset) {
  return offset == 0 ? directory_for(key) : tree_.parent_of(key);
}

Result<void> LocalStore::append(const Target& target, std::uint64_t offset, Content& content,
                                Flow& flow, std::string& memo) {
  memo.clear();  // what is there says it all
  const std::string path = name_of(target.key);
  const auto directory = directory_to_grow_in(target.key, offset);
  if (!directory) {
    return fail_append(path, directory.error());
  }
  TRY_ASSIGN(LocalTail tail, LocalTail::open(directory->get(), path, target, offset));
  (void)tail.write(content, flow);  // settle() tells how it went
  TRY(tail.settle());
  if (tail.is_new()) {
    sync_directory(directory->get());
  }
  return {};
}

// All are written before the first is synced, as in put_many().
std::vector<Result<void>> LocalStore::append_many(std::span<const Tail> tails, Flow& flow) {
  std::vector<Result<void>> results(tails.size());
  std::vector<std::optional<LocalTail>> opened(tails.size());
  LocalPlaces places;
  const auto begin = [&](const Tail& tail) -> Result<LocalTail> {
    const std::string path = name_of(tail.target.key);
    const auto place = places.directory_of(tail.target.key, [&](const std::string& key) {
      return directory_to_grow_in(key, tail.offset);
    });
    if (!place) {
      return fail_append(path, place.error());
    }
    return LocalTail::open((*place)->get(), path, tail.target, tail.offset);
  };
  for (std::size_t i = 0; i < tails.size(); ++i) {
    auto tail = begin(tails[i]);
    if (!tail) {
      results[i] = Failure(std::move(tail).error());
      continue;
    }
    (void)opened[i].emplace(std::move(*tail)).write(*tails[i].content, flow);
  }
  bool any_new = false;
  for (std::size_t i = 0; i < tails.size(); ++i) {
    if (const auto& tail = opened[i]) {
      results[i] = tail->settle();
      any_new = any_new || tail->is_new();
    }
  }
  if (any_new) {
    for (const auto& [key, place] : places.all()) {
      sync_directory(place->get());
    }
  }
  return results;
}

}  // namespace toolkit::store

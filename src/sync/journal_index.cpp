#include "journal_index.hpp"

#include "fingerprint.hpp"

#include <algorithm>

namespace toolkit::sync {
namespace {

std::uint32_t short_hash(std::string_view text) {
  return static_cast<std::uint32_t>(hash_of(text).low);
}

}  // namespace

JournalIndex::Entry JournalIndex::entry_of(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  const std::string_view directory = key.substr(0, slash == std::string_view::npos ? 0 : slash);
  return {short_hash(key), short_hash(directory), 0, 0};
}

std::optional<std::uint32_t> JournalIndex::number_of(const Entry& entry) const {
  return by_key_.find(entry.key, [&](std::uint32_t number) {
    return entries_[number].key == entry.key && entries_[number].directory == entry.directory;
  });
}

void JournalIndex::set(std::string_view key, std::uint32_t offset) {
  Entry entry = entry_of(key);
  entry.offset = offset;
  const auto known = number_of(entry);
  if (!known) {
    add(entry);
  }
  size_ += known && entries_[*known].offset != 0 ? 0 : 1;
  if (known) {
    entries_[*known].offset = offset;
  }
}

void JournalIndex::add(const Entry& entry) {
  const auto number = static_cast<std::uint32_t>(entries_.size());
  const auto before = directories_.find(entry.directory, [&](std::uint32_t other) {
    return entries_[other].directory == entry.directory;
  });
  entries_.push_back(entry);
  entries_.back().next = before ? *before + 1 : 0;
  by_key_.insert(number, [&](std::uint32_t other) { return entries_[other].key; });
  if (before) {
    directories_.replace(entry.directory, *before, number);
  } else {
    directories_.insert(number, [&](std::uint32_t other) { return entries_[other].directory; });
  }
}

bool JournalIndex::erase(std::string_view key) {
  const auto known = number_of(entry_of(key));
  if (!known || entries_[*known].offset == 0) {
    return false;
  }
  entries_[*known].offset = 0;
  --size_;
  return true;
}

std::optional<std::uint32_t> JournalIndex::find(std::string_view key) const {
  const auto known = number_of(entry_of(key));
  return known && entries_[*known].offset != 0 ? std::optional(entries_[*known].offset)
                                               : std::nullopt;
}

std::vector<std::uint32_t> JournalIndex::in_directory(std::string_view directory) const {
  const std::uint32_t hash = short_hash(directory);
  const auto newest = directories_.find(
      hash, [&](std::uint32_t number) { return entries_[number].directory == hash; });
  std::vector<std::uint32_t> offsets;
  for (std::uint32_t next = newest ? *newest + 1 : 0; next != 0; next = entries_[next - 1].next) {
    if (entries_[next - 1].offset != 0) {
      offsets.push_back(entries_[next - 1].offset);
    }
  }
  std::ranges::sort(offsets);
  return offsets;
}

}  // namespace toolkit::sync

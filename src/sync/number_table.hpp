#pragma once
// A hash table of numbers from 0 on, in 8 to 16 bytes each; what a number stands for, and so
// whether it is the one that is looked for, is the owner's knowledge.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace toolkit::sync {

class NumberTable {
 public:
  /// The number with this hash for which `is_it` holds.
  template <typename IsIt>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t hash, IsIt is_it) const {
    if (slots_.empty()) {
      return std::nullopt;
    }
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      if (slots_[at] == 0 || is_it(slots_[at] - 1)) {
        return slots_[at] == 0 ? std::nullopt : std::optional(slots_[at] - 1);
      }
    }
  }
  /// One that is not in it yet. `hash_of` says each number's hash again when it must grow.
  template <typename HashOf>
  void insert(std::uint32_t number, HashOf hash_of) {
    if (2 * (count_ + 1) > slots_.size()) {
      std::vector<std::uint32_t> old(slots_.empty() ? 16 : slots_.size() * 2);
      old.swap(slots_);
      for (const std::uint32_t slot : old) {
        if (slot != 0) {
          place(slot, hash_of(slot - 1));
        }
      }
    }
    place(number + 1, hash_of(number));
    ++count_;
  }
  /// Another number takes the place of one with the same hash.
  void replace(std::uint32_t hash, std::uint32_t old, std::uint32_t number) {
    std::size_t at = hash & mask();
    while (slots_[at] != old + 1) {
      at = (at + 1) & mask();
    }
    slots_[at] = number + 1;
  }

 private:
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  void place(std::uint32_t slot, std::uint32_t hash) {
    std::size_t at = hash & mask();
    while (slots_[at] != 0) {
      at = (at + 1) & mask();
    }
    slots_[at] = slot;
  }
  std::vector<std::uint32_t> slots_;  // number + 1; 0 is free
  std::size_t count_ = 0;
};

}  // namespace toolkit::sync

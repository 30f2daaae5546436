#pragma once
// A map from hashes to hashes in one block of memory, 16 bytes a slot, of which a half to seven
// eighths are full. A key of 0 is taken for 1: between hashes that is one more that may be equal.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace toolkit::sync {

class HashMap {
 public:
  /// Null when it is not there. Until the next insertion.
  [[nodiscard]] const std::uint64_t* find(std::uint64_t key) const {
    if (slots_.empty()) {
      return nullptr;
    }
    const Slot& slot = slots_[place_of(slots_, key)];
    return slot.key != 0 ? &slot.value : nullptr;
  }
  void set(std::uint64_t key, std::uint64_t value) {
    if (8 * (count_ + 1) > 7 * slots_.size()) {
      grow();
    }
    Slot& slot = slots_[place_of(slots_, key)];
    count_ += slot.key == 0 ? 1 : 0;
    slot = {valid(key), value};
  }
  void clear() {
    slots_ = {};
    count_ = 0;
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  struct Slot {
    std::uint64_t key = 0, value = 0;
  };
  static std::uint64_t valid(std::uint64_t key) { return key == 0 ? 1 : key; }
  static std::size_t place_of(const std::vector<Slot>& slots, std::uint64_t key) {
    std::size_t at = valid(key) & (slots.size() - 1);
    while (slots[at].key != 0 && slots[at].key != valid(key)) {
      at = (at + 1) & (slots.size() - 1);
    }
    return at;
  }
  void grow() {
    std::vector<Slot> larger(slots_.empty() ? 16 : slots_.size() * 2);
    for (const Slot& slot : slots_) {
      if (slot.key != 0) {
        larger[place_of(larger, slot.key)] = slot;
      }
    }
    slots_ = std::move(larger);
  }
  std::vector<Slot> slots_;  // a power of two of them; a key of 0 is free
  std::size_t count_ = 0;
};

}  // namespace toolkit::sync

#pragma once
// Which names have been met, in 18 to 37 bytes a name: each is known by its hash of 128 bits.

#include "fingerprint.hpp"
#include "hash_map.hpp"

namespace toolkit::sync {

class NameSet {
 public:
  /// False: it is in it already.
  bool insert(std::string_view name) {
    const Hash hash = hash_of(name);
    const std::uint64_t* const known = hashes_.find(hash.high);
    if (known != nullptr && *known == hash.low) {
      return false;
    }
    hashes_.set(hash.high, hash.low);
    return true;
  }

 private:
  HashMap hashes_;
};

}  // namespace toolkit::sync

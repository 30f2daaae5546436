#pragma once
// One local file that grows in place, step by step, so that many can take each step together.

#include "local_tree.hpp"

#include <toolkit/store/store.hpp>

#include <string>

namespace toolkit::store {

class LocalTail {
 public:
  /// `path` is what messages call it. Error: `conflict` when it is not `offset` bytes long.
  [[nodiscard]] static Result<LocalTail> open(int directory, const std::string& path,
                                              const Target& target, std::uint64_t offset);

  /// The bytes from the offset to the target's size.
  [[nodiscard]] Result<void> write(Content& content, Flow& flow);
  /// On disk, also after a write that was ended: that what has arrived is there is worth knowing.
  /// Then it is to be as long as the target, and gets its time.
  [[nodiscard]] Result<void> settle() const;
  [[nodiscard]] bool is_new() const { return is_new_; }

 private:
  LocalTail(UniqueFd fd, bool is_new, std::string path, const Target& target, std::uint64_t offset);

  UniqueFd fd_;
  bool is_new_;
  std::string path_;
  std::uint64_t offset_, size_;
  std::int64_t mtime_;
  std::uint32_t mode_;
  Result<void> written_;
};

/// "cannot append to PATH: …"
[[nodiscard]] Failure fail_append(const std::string& path, int error);

}  // namespace toolkit::store

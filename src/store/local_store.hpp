#pragma once
// A directory as a Store: a disk, or a mount (NFS, FUSE), where nothing is relied on that a network
// file system does not keep: no inotify, no locks but for replace_if_same(), no times that agree.

#include "local_draft.hpp"
#include "local_tree.hpp"

#include <toolkit/store/store.hpp>

#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace toolkit::store {

class LocalStore : public Store {
 public:
  explicit LocalStore(LocalTree tree) : tree_(std::move(tree)) {}

  [[nodiscard]] std::string name_of(const std::string& key) const override;
  [[nodiscard]] Capabilities capabilities() const override;
  /// Without drafts, which are no files yet.
  [[nodiscard]] Result<std::vector<Entry>> list(const std::string& directory) override;
  [[nodiscard]] Result<std::optional<Entry>> stat(const std::string& key) override;
  [[nodiscard]] Result<std::string> read_link(const std::string& key) override;
  [[nodiscard]] Result<std::unique_ptr<Content>> open(const std::string& key, bool follow) override;
  [[nodiscard]] std::vector<Result<std::unique_ptr<Content>>> open_many(
      std::span<const std::string> keys) override;
  [[nodiscard]] Result<void> put(const Target& target, Content& content, Flow& flow,
                                 std::string& memo) override;
  [[nodiscard]] std::vector<Result<void>> put_many(std::span<const Target> targets,
                                                   std::span<Content* const> contents,
                                                   Flow& flow) override;
  [[nodiscard]] Result<void> append(const Target& target, std::uint64_t offset, Content& content,
                                    Flow& flow, std::string& memo) override;
  [[nodiscard]] std::vector<Result<void>> append_many(std::span<const Tail> tails,
                                                      Flow& flow) override;
  [[nodiscard]] Result<void> create_exclusively(const std::string& key,
                                                std::string_view bytes) override;
  [[nodiscard]] Result<void> replace_if_same(const std::string& key, std::string_view old_bytes,
                                             std::string_view new_bytes) override;
  [[nodiscard]] Result<void> make_directory(const std::string& key) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove(const std::string& key) override;
  [[nodiscard]] Result<void> set_time(const std::string& key, std::int64_t mtime) override;
  [[nodiscard]] Result<std::optional<std::uint64_t>> free_space() override;

 private:
  /// The directory of a file that is about to be written, made where it is missing. The first time,
  /// what dead transfers have left in it is removed.
  [[nodiscard]] OrErrno<UniqueFd> directory_for(const std::string& key);
  [[nodiscard]] Result<LocalDraft> write_small(const Target& target, Content& content, Flow& flow,
                                               LocalPlaces& places);
  [[nodiscard]] OrErrno<UniqueFd> directory_to_grow_in(const std::string& key,
                                                       std::uint64_t offset);
  [[nodiscard]] Result<std::unique_ptr<Content>> content_of(const std::string& key,
                                                            OrErrno<UniqueFd> fd) const;
  [[nodiscard]] Failure cannot_write(const std::string& key, int error) const;
  [[nodiscard]] Failure cannot_read(const std::string& key, int error) const;

  LocalTree tree_;
  std::mutex mutex_;
  std::set<std::pair<dev_t, ino_t>> tidied_;  // directories without dead drafts
};

}  // namespace toolkit::store

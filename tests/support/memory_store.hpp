#pragma once
// A store::Store in memory: what a test puts in is what is there, every call is counted by its
// name, and errors are ordered per call and key. Its time is a counter, so that no test waits for a
// clock.

#include <toolkit/store/store.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::support {

class MemoryStore : public store::Store {
 public:
  /// "list a/b", "open a/b/c.log": what was asked for so far, in order.
  [[nodiscard]] std::vector<std::string> calls() const;
  /// A file with the directories above it, as it would be written by hand.
  void add_file(const std::string& key, std::string_view bytes, std::int64_t mtime = 1);
  void add_directory(const std::string& key);
  void add_link(const std::string& key, const std::string& target);
  void add_other(const std::string& key);  // a FIFO
  /// From now on such a call, "list a/b" as in calls(), ends with this error.
  void break_call(const std::string& call, Error error);
  void mend();  // all of them
  /// The bytes of a file; empty when there is none.
  [[nodiscard]] std::string bytes_of(const std::string& key) const;
  [[nodiscard]] bool holds(const std::string& key) const;

  [[nodiscard]] std::string name_of(const std::string& key) const override;
  [[nodiscard]] store::Capabilities capabilities() const override;
  [[nodiscard]] Result<std::vector<store::Entry>> list(const std::string& directory) override;
  [[nodiscard]] Result<std::optional<store::Entry>> stat(const std::string& key) override;
  [[nodiscard]] Result<std::string> read_link(const std::string& key) override;
  [[nodiscard]] Result<std::unique_ptr<store::Content>> open(const std::string& key,
                                                             bool follow) override;
  [[nodiscard]] Result<void> put(const store::Target& target, store::Content& content,
                                 store::Flow& flow, std::string& memo) override;
  [[nodiscard]] Result<void> append(const store::Target& target, std::uint64_t offset,
                                    store::Content& content, store::Flow& flow,
                                    std::string& memo) override;
  [[nodiscard]] Result<void> create_exclusively(const std::string& key,
                                                std::string_view bytes) override;
  [[nodiscard]] Result<void> replace_if_same(const std::string& key, std::string_view old_bytes,
                                             std::string_view new_bytes) override;
  [[nodiscard]] Result<void> make_directory(const std::string& key) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove(const std::string& key) override;
  [[nodiscard]] Result<void> set_time(const std::string& key, std::int64_t mtime) override;

 private:
  struct Node;
  class Reading;
  using Lock = std::lock_guard<std::mutex>;

  Result<void> note(const std::string& call, const std::string& key);
  Node& make(const std::string& key, store::Kind kind);
  void make_parents(const std::string& key);
  [[nodiscard]] Node* find(const std::string& key);
  [[nodiscard]] Failure missing(const std::string& call, const std::string& key) const;
  Result<void> copy(store::Content& content, store::Flow& flow, std::uint64_t from,
                    std::uint64_t to, std::string& into);

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Node>> nodes_;  // without the root, which is always there
  std::map<std::string, Error> broken_;
  std::vector<std::string> calls_;
  std::uint64_t next_inode_ = 2;
};

}  // namespace toolkit::support

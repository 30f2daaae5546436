#pragma once
// Files on an SFTP server. One connection, made when it is first needed and anew after it was lost,
// carries the requests of all threads.
//
// What servers differ in is seen, not assumed: without posix-rename@openssh.com a file is replaced
// by remove and rename (for a moment there is none); without fsync@openssh.com nobody promises the
// disk; a server that refuses to write at an offset of an old file gets files whole
// (capabilities().append is false from then on). Each is said once, by a warning in the log.

#include "sftp_session.hpp"

#include <toolkit/store/open_store.hpp>

#include <atomic>
#include <mutex>
#include <set>

namespace toolkit::store {

class SftpStore : public Store {
 public:
  SftpStore(const Location& location, const Settings& settings);
  ~SftpStore() override;

  [[nodiscard]] std::string name_of(const std::string& key) const override;
  [[nodiscard]] Capabilities capabilities() const override;
  [[nodiscard]] Result<std::vector<Entry>> list(const std::string& directory) override;
  [[nodiscard]] Result<std::optional<Entry>> stat(const std::string& key) override;
  [[nodiscard]] Result<std::unique_ptr<Content>> open(const std::string& key, bool follow) override;
  [[nodiscard]] Result<void> put(const Target& target, Content& content, Flow& flow,
                                 std::string& memo) override;
  /// Without an fsync for each file: after a power cut at the server a file that was seen may be
  /// empty or short, which the next run's comparison of sizes finds.
  [[nodiscard]] std::vector<Result<void>> put_many(std::span<const Target> targets,
                                                   std::span<Content* const> contents,
                                                   Flow& flow) override;
  [[nodiscard]] Result<void> append(const Target& target, std::uint64_t offset, Content& content,
                                    Flow& flow, std::string& memo) override;
  [[nodiscard]] Result<void> create_exclusively(const std::string& key,
                                                std::string_view bytes) override;
  /// The protocol cannot compare and replace at once: who writes between the two is not seen.
  [[nodiscard]] Result<void> replace_if_same(const std::string& key, std::string_view old_bytes,
                                             std::string_view new_bytes) override;
  [[nodiscard]] Result<void> make_directory(const std::string& key) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove(const std::string& key) override;
  [[nodiscard]] Result<void> set_time(const std::string& key, std::int64_t mtime) override;
  [[nodiscard]] Result<std::optional<std::uint64_t>> free_space() override;

 private:
  using Connected = std::shared_ptr<sftp::Session>;

  // sftp_store.cpp: the connection.
  Result<Connected> connect();
  Result<Connected> connect_anew();
  void tell_about(const sftp::Skills& skills);

  [[nodiscard]] std::string path_of(const std::string& key) const;
  [[nodiscard]] std::string cannot(std::string_view verb, const std::string& key) const;
  [[nodiscard]] Failure cannot(std::string_view verb, const std::string& key,
                               const sftp::Fault& fault) const;

  // sftp_tree.cpp: directories and names.
  sftp::Answer<void> make_path(sftp::Session& session, const std::string& path);
  sftp::Answer<void> replace(sftp::Session& session, const std::string& from,
                             const std::string& to);
  void announce_directory(sftp::Session& session, const std::string& path);
  Failure write_failed(sftp::Session& session, const std::string& key, const sftp::Fault& fault);

  // sftp_put.cpp, sftp_resume.cpp, sftp_append.cpp: whole files, and growing ones.
  struct Draft {
    std::string path, handle;
    std::uint64_t proven = 0;  // bytes that are there already
  };
  sftp::Answer<Draft> begin_draft(sftp::Session& session, const Target& target,
                                  const std::string& draft);
  sftp::Answer<Draft> resume_draft(const Connected& session, const std::string& path,
                                   const Target& target, Content& content);
  sftp::Answer<Draft> take_draft(const Connected& session, const Target& target, Content& content,
                                 const std::string& draft);
  void drop_old_draft(sftp::Session& session, const std::string& path, const std::string& memo);
  Result<void> fill_draft(sftp::Session& session, const Draft& draft, const Target& target,
                          Content& content, Flow& flow);
  sftp::Answer<std::string> open_to_append(sftp::Session& session, const Target& target,
                                           std::uint64_t offset);
  /// What became of an append: `is_refused` when the server did not take the first bytes.
  struct Growth {
    std::uint64_t offset;
    bool is_refused = false;
  };
  Result<void> check_end(sftp::Session& session, const Target& target, std::uint64_t offset);
  Result<void> check_open_end(sftp::Session& session, const std::string& handle,
                              const Target& target, Growth& growth);
  Result<void> grow(sftp::Session& session, const std::string& handle, const Target& target,
                    Growth& growth, Content& content, Flow& flow);
  Result<bool> append_in_place(sftp::Session& session, const Target& target, std::uint64_t offset,
                               Content& content, Flow& flow);
  Result<void> finish_growing(sftp::Session& session, const std::string& handle,
                              const Target& target, bool is_new);
  void give_up_appending();
  Result<std::string> read_small(sftp::Session& session, const std::string& key);

  const Location location_;
  const Settings settings_;
  const std::string root_;

  std::mutex mutex_;
  Connected session_;
  std::optional<Error> last_error_;
  std::atomic<unsigned> attempts_{0};
  std::atomic<bool> told_{false};
  enum class Appending { untried, works, refused };
  std::atomic<Appending> appending_{Appending::untried};
  std::mutex directories_mutex_;
  std::set<std::string> directories_;  // that are there, by what we did ourselves
};

/// For the line of src/store/open_store.cpp.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sftp_store(const Location& location,
                                                             const Settings& settings);

}  // namespace toolkit::store

#pragma once
// A place that keeps files: the seam of `sync`. Source and destination are each a Store, so an
// upload and a download are one engine. Adding a kind of place is one implementation of this.
//
// Keys are paths below the store's root, "run1/train.log": any bytes but NUL, no leading or
// trailing slash, no empty, "." or ".." component; the root itself is "". All functions may be
// called from several threads at once, and block.
//
// Errors say what to do by their kind: `unavailable` is worth another try (the store connects anew
// by itself), `conflict` means that somebody else changed what we relied on, `interrupted` that the
// flow or the stop descriptor ended it; not_found, denied, failed are permanent for this file.
// Every message names the thing: "cannot write s3://b/x: access denied".

#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::store {

enum class Kind { file, directory, symlink, other };

/// Which file it is, whatever its name: zeros where the store has no such thing.
struct Identity {
  std::uint64_t device = 0, inode = 0;
  bool operator==(const Identity&) const = default;
};

struct Entry {
  std::string name;  // in its directory
  Kind kind = Kind::file;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;  // nanoseconds since 1970; 0 where it is not known
  Identity identity;
  std::uint32_t mode = 0, uid = 0, gid = 0;  // 0 where the store has none
  std::string tag;                           // changes when the bytes do: S3's ETag; else empty
};

/// Bytes to be sent, read at offsets, and again when a try has failed.
class Content {
 public:
  virtual ~Content() = default;
  /// As many of the bytes from `offset` on as are there, at least one before the end, 0 at it.
  [[nodiscard]] virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;
  /// What the file was when it was opened, or when stat() was called last: its size may grow.
  [[nodiscard]] virtual const Entry& entry() const = 0;
  /// Looks again: the size as it is now. Of the open file, whatever has its name now.
  [[nodiscard]] virtual Result<Entry> stat() = 0;
  /// To be called when all that is sent was read, before it is published: the error, `conflict`,
  /// says that it was not of one moment.
  [[nodiscard]] virtual Result<void> confirm() { return {}; }
  /// For who can copy inside the kernel; -1 for none. Borrowed.
  [[nodiscard]] virtual int descriptor() const { return -1; }
  /// All of these bytes where they lie in memory anyhow, so that they need not be copied; empty
  /// where read() must be asked. As long as the content.
  [[nodiscard]] virtual std::string_view in_memory(std::uint64_t /*offset*/,
                                                   std::size_t /*length*/) const {
    return {};
  }
};

/// What every piece passes before it goes out: counts it, holds it back for a bandwidth limit, and
/// ends the transfer with `interrupted`.
class Flow {
 public:
  virtual ~Flow() = default;
  [[nodiscard]] virtual Result<void> pass(std::size_t bytes) = 0;
  /// Larger pieces are divided before they pass, so that a limit and a stop are felt soon.
  [[nodiscard]] virtual std::size_t largest_piece() const { return 8 << 20; }
  /// These went out once more, or were taken back: for the count of bytes sent against grown.
  virtual void again(std::size_t bytes) = 0;
};

/// What a file is to become.
struct Target {
  std::string key;
  std::uint64_t size = 0;  // the first so many bytes of the content
  std::int64_t mtime = 0;  // nanoseconds since 1970
  std::uint32_t mode = 0;  // permission bits; 0: the store's default
  bool growing = false;  // who reads it may see a beginning of it: put_many() may make it in place
};

/// A file that is to grow in place: what append() takes.
struct Tail {
  Target target;
  std::uint64_t offset = 0;
  Content* content = nullptr;
};

struct Capabilities {
  // append() sends no byte that is there already. S3 without appends of its own: but for files
  // below 5 MiB, which go out again; Flow::again() is told.
  bool append = false;
  bool rename = false;       // without sending bytes
  bool directories = false;  // they exist on their own
  // put and append keep Target::mtime, and listings show it. Else (S3) a listing's time is that of
  // the upload: unchanged is what has the same size and the tag that was noted behind the upload,
  // or, without a note, a time later than the source's; stat() and Content::entry() tell the file's
  // own time where the uploader kept it; and set_time() is an error `failed`.
  bool times = false;
  bool modes = false;
  std::int64_t time_unit = 1;  // nanoseconds: times are kept in whole multiples of it
  std::size_t streams = 1;     // how many transfers at once make it fast
  std::size_t batch = 1;       // how many small files one put_many() is best given
  std::size_t tails = 1;       // and append_many(); 1: it is no faster than one by one
};

/// Not empty: that is also what is about to be written.
inline constexpr std::string_view kNothing = "\n";

class Store {
 public:
  virtual ~Store() = default;

  /// How messages name a key: "s3://bucket/prefix/key", "host:/path/key", "/path/key".
  [[nodiscard]] virtual std::string name_of(const std::string& key) const = 0;
  /// As far as it is known; what must be tried out is tried when it is first needed.
  [[nodiscard]] virtual Capabilities capabilities() const = 0;

  /// What is directly in a directory, sorted by name as bytes; symlinks are not followed. not_found
  /// where there is none (a store without directories: an empty list). S3: list("") fetches all
  /// that is below, and for five minutes answers from it for the directories that we did not
  /// change.
  [[nodiscard]] virtual Result<std::vector<Entry>> list(const std::string& directory) = 0;
  /// One file or directory; nothing when it is not there. Symlinks are not followed.
  [[nodiscard]] virtual Result<std::optional<Entry>> stat(const std::string& key) = 0;
  /// Whether what list() or stat() said of a file proves that it has exactly these bytes, so that
  /// it need not be read. False: it may have them all the same.
  [[nodiscard]] virtual Result<bool> proves(const Entry& there, Content& content);
  /// Where a symbolic link points to, as it is written in it. Stores without links have none to
  /// read.
  [[nodiscard]] virtual Result<std::string> read_link(const std::string& key);
  /// To read from it. Never follows a symlink as the last component unless `follow`; never blocks
  /// on a FIFO or device: those are errors.
  [[nodiscard]] virtual Result<std::unique_ptr<Content>> open(const std::string& key,
                                                              bool follow) = 0;
  /// Files that a listing has just shown, one result each: as open() without following.
  [[nodiscard]] virtual std::vector<Result<std::unique_ptr<Content>>> open_many(
      std::span<const std::string> keys);

  /// A whole file: readers see the old one or all of the new one, on disk before it is seen.
  /// Missing directories are made. `memo` is the store's own note, kept in the journal while the
  /// transfer is under way and given back on the next try, in another process too: what has arrived
  /// is not sent again (S3: the multipart upload). Empty when there is nothing to remember.
  [[nodiscard]] virtual Result<void> put(const Target& target, Content& content, Flow& flow,
                                         std::string& memo) = 0;
  /// Small files that are not there, all of them tried: one result each. As put() without memos;
  /// those that are `growing` may be made as append() from 0 makes them.
  [[nodiscard]] virtual std::vector<Result<void>> put_many(std::span<const Target> targets,
                                                           std::span<Content* const> contents,
                                                           Flow& flow);
  /// Grows the file in place from exactly `offset` bytes (0: it is made, or must be empty) to
  /// target.size, so that who reads along sees only growing prefixes and no hole: on failure some
  /// of the bytes may be there. `conflict` when it is not `offset` long, and nothing is written. On
  /// disk when it returns. Where capabilities().append is false, whole and at once like put().
  [[nodiscard]] virtual Result<void> append(const Target& target, std::uint64_t offset,
                                            Content& content, Flow& flow, std::string& memo) = 0;
  /// Short ones, all of them tried: one result each. As append() without memos.
  [[nodiscard]] virtual std::vector<Result<void>> append_many(std::span<const Tail> tails,
                                                              Flow& flow);

  /// A small file that must not be there yet: `conflict` when it is. For claims.
  [[nodiscard]] virtual Result<void> create_exclusively(const std::string& key,
                                                        std::string_view bytes) = 0;
  /// Replaces a file of ours if it still has these bytes; `conflict` when not. By no new bytes it
  /// is removed, or left with kNothing for bytes where that cannot be done as surely.
  [[nodiscard]] virtual Result<void> replace_if_same(const std::string& key,
                                                     std::string_view old_bytes,
                                                     std::string_view new_bytes) = 0;
  [[nodiscard]] virtual Result<void> make_directory(const std::string& key) = 0;
  /// Over what is there. Error `failed` where capabilities().rename is false.
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// A file, or an empty directory. What is not there is no error.
  [[nodiscard]] virtual Result<void> remove(const std::string& key) = 0;
  [[nodiscard]] virtual Result<void> set_time(const std::string& key, std::int64_t mtime) = 0;
  /// Bytes free for us; nothing where it cannot be asked.
  [[nodiscard]] virtual Result<std::optional<std::uint64_t>> free_space() { return std::nullopt; }
};

}  // namespace toolkit::store

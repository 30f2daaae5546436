#pragma once
// Reading an object: as it was when it was opened, held to that by its tag. Single reads are ranged
// requests; who reads on gets one request for all that is left, which runs ahead a little, or of a
// large object several ranges side by side (s3_ranges.hpp).

#include "s3_place.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace toolkit::store {

/// The bytes from an offset on, some of which are fetched before they are asked for.
class S3Ahead {
 public:
  virtual ~S3Ahead() = default;
  [[nodiscard]] virtual std::uint64_t position() const = 0;
  /// Some of the next bytes, 0 at the end; the error that ended it.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into) = 0;
};

/// By one request, with a thread of its own and a bounded buffer.
class S3Stream : public S3Ahead {
 public:
  S3Stream(const S3Place& place, std::string key, const Entry& entry, std::uint64_t offset);
  ~S3Stream() override;
  S3Stream(const S3Stream&) = delete;
  S3Stream& operator=(const S3Stream&) = delete;

  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] Result<std::size_t> read(std::span<char> into) override;

 private:
  void fetch(const S3Place& place, const std::string& key, const Entry& entry,
             std::uint64_t offset);
  [[nodiscard]] Result<void> take(std::string_view piece);

  std::uint64_t position_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string buffer_;
  std::size_t taken_ = 0;  // of the buffer's front
  bool ended_ = false, unwanted_ = false;
  std::optional<Error> error_;
  std::jthread thread_;
};

class S3Content : public Content {
 public:
  S3Content(const S3Place& place, std::string key, Entry entry)
      : place_(place), key_(std::move(key)), entry_(std::move(entry)) {}

  [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;
  [[nodiscard]] const Entry& entry() const override { return entry_; }
  [[nodiscard]] Result<Entry> stat() override;

 private:
  [[nodiscard]] std::unique_ptr<S3Ahead> read_on(std::uint64_t offset) const;

  const S3Place& place_;
  std::string key_;
  Entry entry_;
  std::mutex mutex_;
  std::uint64_t last_end_ = UINT64_MAX;  // of the last read: who goes on from there, reads on
  std::unique_ptr<S3Ahead> stream_;
};

}  // namespace toolkit::store

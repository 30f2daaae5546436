#pragma once
// A large object by several connections at once: servers limit the speed of each, and so does a
// long line. The ranges are fetched side by side and given out in their order.

#include "s3_content.hpp"

#include <map>

namespace toolkit::store {

class S3Ranges : public S3Ahead {
 public:
  /// Nothing where the rest is too short to gain by it, or where enough memory is in use for
  /// others.
  [[nodiscard]] static std::unique_ptr<S3Ahead> of(const S3Place& place, const std::string& key,
                                                   const Entry& entry, std::uint64_t offset);
  ~S3Ranges() override;
  S3Ranges(const S3Ranges&) = delete;
  S3Ranges& operator=(const S3Ranges&) = delete;

  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] Result<std::size_t> read(std::span<char> into) override;

 private:
  S3Ranges(const S3Place& place, std::string key, const Entry& entry, std::uint64_t offset);
  void work();

  const S3Place& place_;
  std::string key_;
  Entry entry_;
  std::uint64_t position_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_;                                   // where the next range begins
  std::map<std::uint64_t, Result<std::string>> ranges_;  // that have come, by where they begin
  bool unwanted_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace toolkit::store

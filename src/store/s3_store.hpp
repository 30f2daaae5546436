#pragma once
// A prefix of an S3 bucket as a Store. There are no directories, and the server's times are those
// of the upload: see Capabilities in store.hpp for what that means to who compares.

#include "s3_list.hpp"
#include "s3_place.hpp"
#include "s3_probe.hpp"

#include <toolkit/store/open_store.hpp>

namespace toolkit::store {

class S3Store : public Store {
 public:
  explicit S3Store(S3Place place) : place_(std::move(place)) {}

  [[nodiscard]] std::string name_of(const std::string& key) const override;
  [[nodiscard]] Capabilities capabilities() const override;
  [[nodiscard]] Result<std::vector<Entry>> list(const std::string& directory) override;
  [[nodiscard]] Result<std::optional<Entry>> stat(const std::string& key) override;
  [[nodiscard]] Result<bool> proves(const Entry& there, Content& content) override;
  [[nodiscard]] Result<std::unique_ptr<Content>> open(const std::string& key, bool follow) override;
  [[nodiscard]] Result<void> put(const Target& target, Content& content, Flow& flow,
                                 std::string& memo) override;
  [[nodiscard]] Result<void> append(const Target& target, std::uint64_t offset, Content& content,
                                    Flow& flow, std::string& memo) override;
  [[nodiscard]] Result<void> create_exclusively(const std::string& key,
                                                std::string_view bytes) override;
  [[nodiscard]] Result<void> replace_if_same(const std::string& key, std::string_view old_bytes,
                                             std::string_view new_bytes) override;
  [[nodiscard]] Result<void> make_directory(const std::string& key) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove(const std::string& key) override;
  [[nodiscard]] Result<void> set_time(const std::string& key, std::int64_t mtime) override;

 private:
  S3Place place_;
  S3Lister lister_{place_};
  S3Verdicts verdicts_{place_};
};

/// Connects to nothing yet. Errors: those of S3Client::make.
[[nodiscard]] Result<std::unique_ptr<Store>> open_s3_store(const Location& location,
                                                           const Settings& settings);

}  // namespace toolkit::store

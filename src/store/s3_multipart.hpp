#pragma once
// One multipart upload: an object that is put together from parts, and appears when it is complete
// (docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html).

#include "s3_body.hpp"
#include "s3_parts.hpp"
#include "s3_probe.hpp"
#include "s3_xml.hpp"

namespace toolkit::store {

class S3Multipart {
 public:
  /// Of an upload that was started; `id` is the server's.
  S3Multipart(const S3Place& place, std::string key, std::string id)
      : place_(place), key_(std::move(key)), id_(std::move(id)) {}

  [[nodiscard]] static Result<S3Multipart> start(const S3Place& place, const std::string& key,
                                                 std::int64_t mtime);
  [[nodiscard]] const std::string& id() const { return id_; }

  /// What has arrived; nothing when there is no such upload any more.
  [[nodiscard]] Result<std::optional<std::vector<S3Part>>> list() const;

  /// Where the copied parts of a plan come from.
  struct Origin {
    std::string key;
    std::string tag;  // it must still have this one
  };
  /// Carries the plan out, up to four parts at once. Parts in `there` whose size and MD5 are those
  /// of the content are left alone. The parts, by number; on errors, all that was begun has ended.
  [[nodiscard]] Result<std::vector<S3Part>> send(const std::vector<PlannedPart>& plan,
                                                 const std::vector<S3Part>& there, S3Outlet& outlet,
                                                 const Origin& origin) const;

  /// Puts it together and looks whether it is there: with `size` bytes, and the tag that its parts
  /// give (once the server's tags are known to be MD5s).
  [[nodiscard]] Result<void> complete(const std::vector<S3Part>& parts, std::uint64_t size,
                                      const S3Verdicts& verdicts) const;
  /// Gives it up, so that its parts cost nobody anything.
  void abort() const;

 private:
  [[nodiscard]] S3Request request(const char* method, S3Query query) const;
  [[nodiscard]] Result<S3Part> send_part(const PlannedPart& part, S3Outlet& outlet) const;
  [[nodiscard]] Result<S3Part> copy_part(const PlannedPart& part, const Origin& origin) const;
  [[nodiscard]] Result<bool> is_there(const PlannedPart& part, const S3Part& there,
                                      S3Outlet& outlet) const;
  [[nodiscard]] Result<bool> looks_complete(const std::string& tag, std::uint64_t size,
                                            bool tag_decides) const;

  const S3Place& place_;
  std::string key_, id_;
};

/// Aborts uploads of this key that somebody left behind more than a week ago.
void abort_old_uploads(const S3Place& place, const std::string& key);

/// "…-3": the ETag of an object that has these parts, as S3 makes it (not documented as stable, and
/// so a proof only where it was seen to be true); empty where a part's tag is no MD5.
[[nodiscard]] std::string tag_of_parts(const std::vector<S3Part>& parts);

}  // namespace toolkit::store

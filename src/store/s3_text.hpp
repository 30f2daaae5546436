#pragma once
// The small texts of S3: times, tags, and the time of a file that travels as metadata.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::store {

/// "2026-11-23T12:29:26.883Z" as nanoseconds since 1970; nothing for anything else.
[[nodiscard]] std::optional<std::int64_t> parse_s3_time(std::string_view text);

/// A file's time as rclone keeps it, in x-amz-meta-mtime: seconds since 1970 with a fraction of
/// up to nine digits (rclone.org/s3, "Modification times and hashes").
inline constexpr std::string_view kTimeField = "x-amz-meta-mtime";
[[nodiscard]] std::string time_text(std::int64_t nanoseconds);
[[nodiscard]] std::optional<std::int64_t> parse_time_text(std::string_view text);

/// Without its quotes and a W/.
[[nodiscard]] std::string_view bare_tag(std::string_view etag);
/// The MD5 that a tag of 32 hexadecimal digits is, 16 raw bytes; nothing for others.
[[nodiscard]] std::optional<std::string> tag_md5(std::string_view bare);
/// %XX undone, and + as a blank, as listings with encoding-type=url have it (a plus is %2B there).
[[nodiscard]] std::string unescape_key(std::string_view text);

}  // namespace toolkit::store

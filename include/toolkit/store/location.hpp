#pragma once
// Where files are: a local directory, an SFTP server, an S3 bucket; as people write it.

#include <toolkit/base/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::store {

struct Location {
  enum class Kind { local, sftp, s3 };
  Kind kind = Kind::local;
  std::string user;                   // of sftp; empty: what the ssh configuration says
  std::string host;                   // of sftp
  std::optional<std::uint16_t> port;  // of sftp
  std::string bucket;                 // of s3
  std::string path;  // local and sftp: as written, "~/logs/" and relative ones too; s3: the prefix
  std::string text;  // as typed, for messages; never with a password in it

  /// Behind a trailing slash lie the contents of a directory, not the directory (rsync(1)).
  [[nodiscard]] bool means_contents() const;
};

/// "dir", "/dir/", "user@host:path", "host:path", "sftp://[user@]host[:port]/path" (the path is
/// absolute, and relative to the home behind /~/), "s3://bucket[/prefix]". As in rsync(1), a colon
/// behind a slash is part of a local name. Errors: usage; a password in a URL, an empty host or
/// bucket, "host::module" (an rsync daemon), another scheme.
[[nodiscard]] Result<Location> parse_location(std::string_view text);

}  // namespace toolkit::store

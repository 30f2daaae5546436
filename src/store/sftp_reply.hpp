#pragma once
// What a server answers, read from its bytes: nothing of it is trusted. Each parser gives nothing
// for what is not such an answer.

#include "sftp_packet.hpp"

#include <map>
#include <vector>

namespace toolkit::store::sftp {

/// An answer without its length; `body` begins behind the number of the request.
struct Reply {
  Type type = Type::status;
  std::uint32_t id = 0;  // 0 for VERSION, which has none: its body is the version and what follows
  std::string body;
};

/// Cuts a stream of bytes into answers.
class FrameReader {
 public:
  void add(std::string_view bytes) { bytes_ += bytes; }
  /// The next whole answer, or nothing yet.
  [[nodiscard]] std::optional<Reply> next();
  /// What came can be no SFTP: a length of none or too many bytes. For good.
  [[nodiscard]] bool is_broken() const { return broken_; }
  /// The first bytes of what is broken: often the words of a login script.
  [[nodiscard]] std::string_view rest() const { return std::string_view(bytes_).substr(used_); }

 private:
  std::string bytes_;
  std::size_t used_ = 0;  // of bytes_, to erase once for many answers
  bool broken_ = false;
};

struct StatusReply {
  Status code = Status::ok;
  std::string words;
};
struct NameReply {
  std::string name, long_name;
  Attributes attributes;
};
struct VersionReply {
  std::uint32_t version = 0;
  std::map<std::string, std::string> extensions;  // name to version
};
/// limits@openssh.com; 0 for no limit.
struct LimitsReply {
  std::uint64_t packet = 0, read = 0, write = 0, handles = 0;
};
/// statvfs@openssh.com, as far as it is of use.
struct SpaceReply {
  std::uint64_t available_bytes = 0;  // for those who are not root
  std::uint64_t free_files = 0;
};

[[nodiscard]] std::optional<StatusReply> parse_status(const Reply& reply);
[[nodiscard]] std::optional<std::string> parse_handle(const Reply& reply);
/// The bytes, inside `reply`.
[[nodiscard]] std::optional<std::string_view> parse_data(const Reply& reply);
[[nodiscard]] std::optional<std::vector<NameReply>> parse_names(const Reply& reply);
[[nodiscard]] std::optional<Attributes> parse_attributes(const Reply& reply);
[[nodiscard]] std::optional<VersionReply> parse_version(const Reply& reply);
[[nodiscard]] std::optional<LimitsReply> parse_limits(const Reply& reply);
[[nodiscard]] std::optional<SpaceReply> parse_space(const Reply& reply);

}  // namespace toolkit::store::sftp

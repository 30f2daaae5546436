#pragma once
// Packets of the SSH file transfer protocol, version 3 (draft-ietf-secsh-filexfer-02), with the
// extensions of OpenSSH's PROTOCOL file, section 4: numbers, and how requests are written.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace toolkit::store::sftp {

enum class Type : std::uint8_t {
  init = 1,
  version = 2,
  open = 3,
  close = 4,
  read = 5,
  write = 6,
  lstat = 7,
  fstat = 8,
  setstat = 9,
  fsetstat = 10,
  opendir = 11,
  readdir = 12,
  remove = 13,
  mkdir = 14,
  rmdir = 15,
  stat = 17,
  rename = 18,
  status = 101,
  handle = 102,
  data = 103,
  name = 104,
  attributes = 105,
  extended = 200,
  extended_reply = 201
};

enum class Status : std::uint32_t {
  ok = 0,
  end_of_file = 1,
  no_such_file = 2,
  permission_denied = 3,
  failure = 4,
  bad_message = 5,
  no_connection = 6,
  connection_lost = 7,
  unsupported = 8
};

// SSH_FXF_: section 6.3.
constexpr std::uint32_t kRead = 1, kWrite = 2, kCreate = 8, kTruncate = 16, kExclusive = 32;

/// What a server says of a file, or what it shall be. Times are seconds since 1970 of 32 bits.
struct Attributes {
  std::optional<std::uint64_t> size;
  std::optional<std::uint32_t> uid, gid;      // both or none
  std::optional<std::uint32_t> mode;          // with the file's type
  std::optional<std::uint32_t> atime, mtime;  // both or none
};

/// A request, put together field by field. Its length and number are filled in when it is sent.
class Request {
 public:
  explicit Request(Type type);
  explicit Request(std::string_view extension);  // SSH_FXP_EXTENDED

  Request& number(std::uint32_t value);
  Request& big_number(std::uint64_t value);
  Request& text(std::string_view bytes);
  Request& attributes(const Attributes& attributes);
  /// Room for the data of a WRITE as its last field; cut_data() when not all of it was used.
  [[nodiscard]] std::span<char> data(std::size_t room);
  void cut_data(std::size_t used);

  /// The packet as it goes out.
  [[nodiscard]] std::string seal(std::uint32_t id) &&;

 private:
  std::string bytes_;
  std::size_t data_at_ = 0;
};

/// The first packet of a connection: we speak version 3.
[[nodiscard]] std::string init_packet();

}  // namespace toolkit::store::sftp

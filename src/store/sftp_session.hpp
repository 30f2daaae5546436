#pragma once
// An SFTP connection with what its server can do, and its requests as functions: each comes back at
// once with a ticket, so that as many are under way as one likes; the waiting half reads the
// answer.

#include "sftp_engine.hpp"

#include <mutex>
#include <optional>

namespace toolkit::store::sftp {

/// Why a request was not granted: by the server (`code`, its words), or since the connection is no
/// more (`lost`).
struct Fault {
  Status code = Status::failure;
  std::string words;
  std::optional<Error> lost;

  [[nodiscard]] bool is(Status status) const { return !lost && code == status; }
};

template <typename Value>
using Answer = tl::expected<Value, Fault>;

/// What the server said that it can do.
struct Skills {
  bool fsync = false, posix_rename = false, limits = false, statvfs = false;
  /// OpenSSH's server does one request after the other; O_EXCL and offsets mean what they say.
  [[nodiscard]] bool is_openssh() const { return limits && fsync; }
};

/// How much it takes at once.
struct Sizes {
  std::size_t read = 32 << 10, write = 32 << 10;  // bytes: which every server has to take
  std::size_t handles = 64;                       // open at once
};

class Session {
 public:
  /// Exchanges versions. Errors: the connection's, and `failed` for another protocol.
  [[nodiscard]] static Result<std::unique_ptr<Session>> begin(std::unique_ptr<ByteStream> stream,
                                                              const std::string& peer,
                                                              Milliseconds silence, int stop_fd);

  [[nodiscard]] bool is_alive() const { return engine_->is_alive(); }
  [[nodiscard]] const Skills& skills() const { return skills_; }
  /// Asked for at the beginning, and waited for when somebody wants to know.
  [[nodiscard]] const Sizes& sizes();

  Ticket open(const std::string& path, std::uint32_t flags, const Attributes& attributes = {});
  Ticket close(const std::string& handle);
  Ticket read(const std::string& handle, std::uint64_t offset, std::size_t length);
  Ticket send(Request request) { return engine_->send(std::move(request)); }
  /// A request with nothing but a path or a handle.
  Ticket ask(Type type, std::string_view path);
  Ticket set(Type type, std::string_view path, const Attributes& attributes);
  Ticket sync(const std::string& handle);                         // where skills().fsync
  Ticket rename(const std::string& from, const std::string& to);  // over what is there, if it can
  Ticket space(const std::string& path);                          // where skills().statvfs

 private:
  explicit Session(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
  Result<void> greet(const std::string& peer);

  std::unique_ptr<Engine> engine_;
  Skills skills_;
  Ticket asked_sizes_;  // where skills().limits
  std::once_flag sizes_once_;
  Sizes sizes_;
};

// The waiting halves. A STATUS that is not OK is a Fault, so is an answer of the wrong kind.
[[nodiscard]] Answer<void> wait_done(Ticket& ticket);
[[nodiscard]] Answer<std::string> wait_handle(Ticket& ticket);
[[nodiscard]] Answer<Attributes> wait_attributes(Ticket& ticket);
[[nodiscard]] Answer<Reply> wait_reply(Ticket& ticket, Type wanted);

/// The error of `what` ("cannot write host:/x"): the kind and words of the fault.
[[nodiscard]] Error explain(const std::string& what, const Fault& fault);

}  // namespace toolkit::store::sftp

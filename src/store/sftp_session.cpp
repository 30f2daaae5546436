#include "sftp_session.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store::sftp {
namespace {

// What one request carries at most: OpenSSH takes 261,120 bytes since 8.5, and says so.
constexpr std::uint64_t kLargest = 255 << 10;
constexpr std::uint64_t kSmallest = 4 << 10;

std::size_t bounded(std::uint64_t said, std::size_t otherwise) {
  return said == 0 ? otherwise : static_cast<std::size_t>(std::clamp(said, kSmallest, kLargest));
}

bool has(const VersionReply& version, const char* extension) {
  return version.extensions.contains(extension);
}

Fault unexpected_answer(const Reply& reply) {
  return {Status::bad_message,
          fmt::format("an answer of another kind ({})", static_cast<int>(reply.type)),
          {}};
}

std::string_view words_of(Status code) {
  switch (code) {
    case Status::end_of_file:
      return "end of file";
    case Status::no_such_file:
      return "no such file or directory";
    case Status::permission_denied:
      return "permission denied";
    case Status::unsupported:
      return "the server cannot do that";
    case Status::bad_message:
      return "the server did not understand the request";
    case Status::no_connection:
    case Status::connection_lost:
      return "the server has lost its connection";
    default:
      return "the server refused, and does not say why";
  }
}

ErrorKind kind_of(Status code) {
  switch (code) {
    case Status::no_such_file:
      return ErrorKind::not_found;
    case Status::permission_denied:
      return ErrorKind::denied;
    case Status::no_connection:
    case Status::connection_lost:
      return ErrorKind::unavailable;
    default:
      return ErrorKind::failed;
  }
}

// OpenSSH's words only repeat the code; other servers say more.
bool says_more(const Fault& fault) {
  return !fault.words.empty() && fault.words != "Failure" && fault.words != "No such file" &&
         fault.words != "Permission denied" && fault.words != "Operation unsupported";
}

}  // namespace

Result<std::unique_ptr<Session>> Session::begin(std::unique_ptr<ByteStream> stream,
                                                const std::string& peer, Milliseconds silence,
                                                int stop_fd) {
  TRY_ASSIGN(auto engine, Engine::start(std::move(stream), peer, silence, stop_fd));
  std::unique_ptr<Session> session(new Session(std::move(engine)));
  TRY(session->greet(peer));
  return session;
}

Result<void> Session::greet(const std::string& peer) {
  TRY_ASSIGN(const Reply reply, engine_->greeting().get());
  const auto version = parse_version(reply);
  if (!version || version->version != 3) {
    return fail(ErrorKind::failed, peer + " does not speak version 3 of SFTP");
  }
  skills_.fsync = has(*version, "fsync@openssh.com");
  skills_.posix_rename = has(*version, "posix-rename@openssh.com");
  skills_.statvfs = has(*version, "statvfs@openssh.com");
  skills_.limits = has(*version, "limits@openssh.com");
  if (skills_.limits) {
    asked_sizes_ = send(Request("limits@openssh.com"));
  }
  return {};
}

const Sizes& Session::sizes() {
  std::call_once(sizes_once_, [this] {
    if (!skills_.limits) {
      return;
    }
    const auto answer = wait_reply(asked_sizes_, Type::extended_reply);
    if (const auto limits = answer ? parse_limits(*answer) : std::nullopt) {
      sizes_.read = bounded(limits->read, sizes_.read);
      sizes_.write = bounded(limits->write, sizes_.write);
      sizes_.handles = limits->handles == 0 ? 1000 : limits->handles;
    }
  });
  return sizes_;
}

Ticket Session::open(const std::string& path, std::uint32_t flags, const Attributes& attributes) {
  return send(std::move(Request(Type::open).text(path).number(flags).attributes(attributes)));
}

Ticket Session::close(const std::string& handle) { return ask(Type::close, handle); }

Ticket Session::read(const std::string& handle, std::uint64_t offset, std::size_t length) {
  return send(std::move(Request(Type::read)
                            .text(handle)
                            .big_number(offset)
                            .number(static_cast<std::uint32_t>(length))));
}

Ticket Session::ask(Type type, std::string_view path) {
  return send(std::move(Request(type).text(path)));
}

Ticket Session::set(Type type, std::string_view path, const Attributes& attributes) {
  return send(std::move(Request(type).text(path).attributes(attributes)));
}

Ticket Session::sync(const std::string& handle) {
  return send(std::move(Request("fsync@openssh.com").text(handle)));
}

Ticket Session::rename(const std::string& from, const std::string& to) {
  Request request =
      skills_.posix_rename ? Request("posix-rename@openssh.com") : Request(Type::rename);
  return send(std::move(request.text(from).text(to)));
}

Ticket Session::space(const std::string& path) {
  return send(std::move(Request("statvfs@openssh.com").text(path)));
}

Answer<Reply> wait_reply(Ticket& ticket, Type wanted) {
  auto reply = ticket.get();
  if (!reply) {
    return tl::unexpected(Fault{Status::connection_lost, {}, std::move(reply.error())});
  }
  if (reply->type == wanted) {
    return std::move(*reply);
  }
  if (auto status = parse_status(*reply); status && status->code != Status::ok) {
    return tl::unexpected(Fault{status->code, std::move(status->words), {}});
  }
  return tl::unexpected(unexpected_answer(*reply));
}

Answer<void> wait_done(Ticket& ticket) {
  const auto reply = wait_reply(ticket, Type::status);
  if (!reply) {
    return tl::unexpected(reply.error());
  }
  auto status = parse_status(*reply);
  if (!status) {
    return tl::unexpected(unexpected_answer(*reply));
  }
  if (status->code != Status::ok) {
    return tl::unexpected(Fault{status->code, std::move(status->words), {}});
  }
  return {};
}

Answer<std::string> wait_handle(Ticket& ticket) {
  const auto reply = wait_reply(ticket, Type::handle);
  if (!reply) {
    return tl::unexpected(reply.error());
  }
  auto handle = parse_handle(*reply);
  return handle ? Answer<std::string>(std::move(*handle))
                : Answer<std::string>(tl::unexpected(unexpected_answer(*reply)));
}

Answer<Attributes> wait_attributes(Ticket& ticket) {
  const auto reply = wait_reply(ticket, Type::attributes);
  if (!reply) {
    return tl::unexpected(reply.error());
  }
  const auto attributes = parse_attributes(*reply);
  return attributes ? Answer<Attributes>(*attributes)
                    : Answer<Attributes>(tl::unexpected(unexpected_answer(*reply)));
}

Error explain(const std::string& what, const Fault& fault) {
  if (fault.lost) {
    return {fault.lost->kind, what + ": " + fault.lost->message, fault.lost->remedy, 0};
  }
  const std::string words =
      says_more(fault) ? printable(fault.words) : std::string(words_of(fault.code));
  return {kind_of(fault.code), what + ": " + words, {}, 0};
}

}  // namespace toolkit::store::sftp

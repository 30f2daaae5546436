#include "blocking_connection.hpp"

#include "race.hpp"

#include <toolkit/base/error.hpp>
#include <toolkit/net/resolver.hpp>

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

namespace toolkit::net {
namespace {

constexpr std::size_t kReadSize = 64 << 10;
constexpr std::size_t kEncryptSize = 64 << 10;  // four records at once

using Unexpected = tl::unexpected<Break>;

SteadyTime now_steady() { return std::chrono::steady_clock::now(); }

Break broken(Cause cause, std::string_view words) {
  return {Trouble{cause, std::string(words)}, false};
}

// Until one of the entries is ready: true, or false at the deadline. The stop descriptor comes
// first, so that a peer that never pauses does not keep us.
tl::expected<bool, Break> poll_until(std::vector<pollfd>& entries, int stop_fd,
                                     SteadyTime deadline) {
  entries.push_back({stop_fd, POLLIN, 0});  // a negative one is left alone, poll(2)
  while (true) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - now_steady()).count();
    const auto wait = std::clamp<Milliseconds::rep>(left, 0, std::numeric_limits<int>::max());
    const int ready = ::poll(entries.data(), entries.size(), static_cast<int>(wait));
    if (ready < 0 && errno != EINTR) {
      return Unexpected(broken(Cause::other, errno_words(errno)));
    }
    if (ready > 0 && entries.back().revents != 0) {
      return Unexpected(Break{Trouble{Cause::other, "interrupted"}, true});
    }
    if (ready > 0 || (ready == 0 && now_steady() >= deadline)) {
      entries.pop_back();
      return ready > 0;
    }
  }
}

// Drives a lookup or a race until `is_done`.
template <typename Driven, typename Predicate>
std::optional<Break> drive(Driven& driven, Predicate is_done, const Patience& patience,
                           SteadyTime deadline, Stream::State state) {
  while (!is_done()) {
    std::vector<pollfd> entries;
    driven.collect(entries);
    const auto polled =
        poll_until(entries, patience.stop_fd, std::min(deadline, driven.next_deadline()));
    if (!polled) {
      return polled.error();
    }
    driven.advance(entries, now_steady());
    if (!is_done() && now_steady() >= deadline) {
      return broken(Cause::timed_out, silence_words(state));
    }
  }
  return std::nullopt;
}

}  // namespace

BlockingConnection::BlockingConnection(UniqueFd fd, Patience patience)
    : fd_(std::move(fd)),
      patience_(patience),
      buffer_(std::make_unique_for_overwrite<char[]>(kReadSize)) {}

tl::expected<std::unique_ptr<BlockingConnection>, Break> BlockingConnection::open(
    const Endpoint& endpoint, Patience patience, SteadyTime deadline) {
  const auto lookup = Lookup::of(endpoint);
  const auto is_found = [&] { return lookup->result().has_value(); };
  if (auto gone = drive(*lookup, is_found, patience, deadline, Stream::State::resolving)) {
    return Unexpected(*gone);
  }
  const Lookup::Answer& found = *lookup->result();
  if (!found) {
    return Unexpected(Break{found.error(), false});
  }
  Race race(*found, now_steady());
  const auto is_over = [&] { return race.winner() || race.trouble(); };
  if (auto gone = drive(race, is_over, patience, deadline, Stream::State::connecting)) {
    return Unexpected(*gone);
  }
  if (race.trouble()) {
    return Unexpected(Break{*race.trouble(), false});
  }
  return std::unique_ptr<BlockingConnection>(
      new BlockingConnection(std::move(race.winner()), patience));
}

std::optional<Break> BlockingConnection::start_tls(const TlsOptions& options,
                                                   const std::string& host, SteadyTime deadline) {
  auto tls = Tls::start(options, host);
  if (!tls) {
    return Break{tls.error(), false};
  }
  tls_ = std::move(*tls);
  auto trouble = tls_->receive("", inbox_);
  while (!trouble) {
    wire_ += tls_->take_outgoing();
    if (auto gone = flush(deadline)) {
      return gone;
    }
    if (tls_->is_open()) {
      return std::nullopt;
    }
    const auto came = read(deadline);
    if (!came) {
      return came.error();
    }
    if (*came == Came::nothing) {
      return broken(Cause::timed_out, silence_words(Stream::State::handshaking));
    }
    if (*came == Came::end) {
      return broken(Cause::closed, "closed by the server during the TLS handshake");
    }
  }
  return Break{*trouble, false};
}

BlockingConnection::Written BlockingConnection::write(std::string_view head,
                                                      std::string_view body) {
  return tls_ ? write_encrypted(head, body) : write_plain(head, body);
}

BlockingConnection::Written BlockingConnection::write_plain(std::string_view head,
                                                            std::string_view body) {
  const std::size_t had = inbox_.size(), all = head.size() + body.size();
  while (!head.empty() || !body.empty()) {
    std::array<iovec, 2> parts{iovec{const_cast<char*>(head.data()), head.size()},
                               iovec{const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      const auto count = static_cast<std::size_t>(sent);
      const std::size_t of_head = std::min(count, head.size());
      head.remove_prefix(of_head);
      body.remove_prefix(count - of_head);
    } else if (auto gone = make_room(errno, end_of_silence())) {
      return Unexpected(*gone);
    } else if (inbox_.size() > had) {
      break;
    }
  }
  return all - head.size() - body.size();
}

BlockingConnection::Written BlockingConnection::write_encrypted(std::string_view head,
                                                                std::string_view body) {
  const std::size_t had = inbox_.size(), all = head.size() + body.size();
  while ((!head.empty() || !body.empty()) && inbox_.size() == had) {
    for (std::string_view* part : {&head, &body}) {
      const std::string_view piece = part->substr(0, kEncryptSize);
      if (const auto trouble = piece.empty() ? std::nullopt : tls_->send(piece)) {
        return Unexpected(Break{*trouble, false});
      }
      part->remove_prefix(piece.size());
    }
    wire_ += tls_->take_outgoing();
    if (auto gone = flush(end_of_silence())) {
      return Unexpected(*gone);
    }
  }
  return all - head.size() - body.size();
}

// What is encrypted; stops when the peer says something, and the rest goes out with the next call.
std::optional<Break> BlockingConnection::flush(SteadyTime deadline) {
  const std::size_t had = inbox_.size();
  std::string_view left = wire_;
  std::optional<Break> gone;
  while (!left.empty() && !gone && inbox_.size() == had) {
    const ssize_t sent = ::send(fd_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      left.remove_prefix(static_cast<std::size_t>(sent));
      deadline = std::max(deadline, end_of_silence());
    } else {
      gone = make_room(errno, deadline);
    }
  }
  wire_.erase(0, wire_.size() - left.size());
  return gone;
}

// After a send that did not go: waits until there is room, or until something has come. Where the
// peer has closed, what it said before counts.
std::optional<Break> BlockingConnection::make_room(int error, SteadyTime deadline) {
  if (error == EINTR) {
    return std::nullopt;
  }
  const std::size_t had = inbox_.size();
  if (error != EAGAIN) {
    while (true) {
      const auto came = receive();
      if (!came || *came != Came::bytes) {
        break;
      }
    }
    return inbox_.size() > had ? std::nullopt
                               : std::optional(broken(Cause::closed, errno_words(error)));
  }
  std::vector<pollfd> entries{{fd_.get(), POLLIN | POLLOUT, 0}};
  const auto polled = poll_until(entries, patience_.stop_fd, deadline);
  if (!polled) {
    return polled.error();
  }
  if (!*polled) {
    return broken(Cause::timed_out,
                  fmt::format("takes no bytes for {}", describe_duration(patience_.silence)));
  }
  if ((entries[0].revents & ~POLLOUT) != 0) {
    const auto came = receive();
    if (!came) {
      return came.error();
    }
    if (*came == Came::end && inbox_.size() == had) {
      return broken(Cause::closed, "closed by the server");
    }
  }
  return std::nullopt;
}

tl::expected<BlockingConnection::Came, Break> BlockingConnection::read(
    std::optional<SteadyTime> deadline) {
  while (true) {
    const auto came = receive();
    if (!came || *came != Came::nothing) {
      return came;
    }
    acknowledge();
    std::vector<pollfd> entries{{fd_.get(), POLLIN, 0}};
    const auto polled = poll_until(entries, patience_.stop_fd, deadline.value_or(end_of_silence()));
    if (!polled) {
      return Unexpected(polled.error());
    }
    if (!*polled && deadline) {
      return Came::nothing;
    }
    if (!*polled) {
      return Unexpected(broken(
          Cause::timed_out, fmt::format("no answer for {}", describe_duration(patience_.silence))));
    }
  }
}

// A server that sends the head of an answer and then its body waits in between for the kernel to
// acknowledge the head (RFC 896), and the kernel for something to send along, 40 ms (RFC 1122,
// 4.2.3.2): so it is told to do it now. Nothing stays set, tcp(7).
void BlockingConnection::acknowledge() const {
  const int now = 1;
  (void)::setsockopt(fd_.get(), IPPROTO_TCP, TCP_QUICKACK, &now, sizeof now);
}

// One recv(2), which does not wait.
tl::expected<BlockingConnection::Came, Break> BlockingConnection::receive() {
  ssize_t got = -1;
  do {
    got = ::recv(fd_.get(), buffer_.get(), kReadSize, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return errno == EAGAIN ? tl::expected<Came, Break>(Came::nothing)
                           : Unexpected(broken(Cause::closed, errno_words(errno)));
  }
  const std::string_view bytes(buffer_.get(), static_cast<std::size_t>(got));
  if (!tls_) {
    inbox_ += bytes;
    return bytes.empty() ? Came::end : Came::bytes;
  }
  const auto trouble = bytes.empty() ? std::nullopt : tls_->receive(bytes, inbox_);
  if (trouble) {
    wire_ += tls_->take_outgoing();  // the alert that tells the server why
    (void)::send(fd_.get(), wire_.data(), wire_.size(), MSG_NOSIGNAL);
    return Unexpected(Break{*trouble, false});
  }
  // An end without close_notify may be somebody else's: RFC 8446, 6.1. Lengths tell.
  return bytes.empty() || tls_->is_closed() ? Came::end : Came::bytes;
}

bool BlockingConnection::is_idle() {
  while (inbox_.empty() && wire_.empty()) {
    const auto came = receive();
    if (!came || *came != Came::bytes) {
      return came && *came == Came::nothing;
    }
  }
  return false;
}

SteadyTime BlockingConnection::end_of_silence() const { return now_steady() + patience_.silence; }

}  // namespace toolkit::net

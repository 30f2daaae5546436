#include "address.hpp"
#include "race.hpp"
#include "tls.hpp"

#include <toolkit/base/error.hpp>
#include <toolkit/net/resolver.hpp>
#include <toolkit/net/stream.hpp>

#include <fmt/core.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace toolkit::net {
namespace {

constexpr std::size_t kInboxLimit = 1 << 20;
constexpr std::size_t kReadSize = 16 << 10;  // one TLS record

SteadyTime now_steady() { return std::chrono::steady_clock::now(); }

class Connection : public Stream {
 public:
  Connection(Endpoint endpoint, std::optional<TlsOptions> tls)
      : host_(endpoint.host), tls_options_(std::move(tls)), lookup_(Lookup::of(endpoint)) {
    go_on({}, now_steady());
  }
  explicit Connection(const std::string& path) {
    if (const auto address = path_address(path)) {
      start_race({*address}, now_steady());
    } else {
      fail_with({Cause::other, "a unix socket's path has 1 to 107 bytes"});
    }
  }

  [[nodiscard]] State state() const override { return state_; }
  [[nodiscard]] const Trouble& trouble() const override { return trouble_; }
  [[nodiscard]] std::string peer() const override { return race_ ? race_->peer() : peer_; }
  [[nodiscard]] std::string& inbox() override { return inbox_; }
  void send(std::string_view bytes) override { plain_.append(bytes); }
  [[nodiscard]] UniqueFd take_descriptor() override {
    UniqueFd taken = std::move(fd_);
    fail_with({Cause::closed, "given away"});
    return taken;
  }

  void collect(std::vector<pollfd>& entries) const override {
    if (state_ == State::resolving) {
      lookup_->collect(entries);
    } else if (state_ == State::connecting) {
      race_->collect(entries);
    } else if (state_ != State::failed) {
      const bool writes = !wire_.empty() || (state_ == State::open && !plain_.empty());
      const int events = (inbox_.size() < kInboxLimit ? POLLIN : 0) | (writes ? POLLOUT : 0);
      entries.push_back({fd_.get(), static_cast<short>(events), 0});
    }
  }

  [[nodiscard]] SteadyTime next_deadline() const override {
    if (state_ == State::resolving) {
      return lookup_->next_deadline();
    }
    return state_ == State::connecting ? race_->next_deadline() : SteadyTime::max();
  }

  void advance(std::span<const pollfd> entries, SteadyTime now) override { go_on(entries, now); }

 private:
  void go_on(std::span<const pollfd> entries, SteadyTime now) {
    if (state_ == State::resolving) {
      resolve(entries, now);
    } else if (state_ == State::connecting) {
      race_->advance(entries, now);
      connect();
    } else if (state_ != State::failed) {
      exchange(entries);
    }
  }

  void resolve(std::span<const pollfd> entries, SteadyTime now) {
    lookup_->advance(entries, now);
    if (const auto& found = lookup_->result(); found && *found) {
      start_race(**found, now);
    } else if (found) {
      fail_with(found->error());
    }
  }

  void start_race(const std::vector<Address>& addresses, SteadyTime now) {
    state_ = State::connecting;
    race_.emplace(addresses, now);
    lookup_.reset();
    connect();
  }

  void connect() {
    if (race_->winner()) {
      fd_ = std::move(race_->winner());
      peer_ = race_->peer();
      race_.reset();
      greet();
    } else if (race_->trouble()) {
      fail_with(*race_->trouble());
    }
  }

  void greet() {
    if (!tls_options_) {
      state_ = State::open;
      flush();
      return;
    }
    state_ = State::handshaking;
    auto tls = Tls::start(*tls_options_, host_);
    if (!tls) {
      fail_with(tls.error());
      return;
    }
    tls_ = std::move(*tls);
    take("");
    flush();
  }

  void exchange(std::span<const pollfd> entries) {
    for (const pollfd& entry : entries) {
      if (entry.fd == fd_.get() && (entry.revents & ~POLLOUT) != 0) {
        read_all();
        break;
      }
    }
    if (state_ != State::failed) {
      flush();
    }
  }

  void read_all() {
    std::array<char, kReadSize> buffer;
    while (state_ != State::failed && inbox_.size() < kInboxLimit) {
      const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (got > 0) {
        take({buffer.data(), static_cast<std::size_t>(got)});
      } else if (got == 0) {
        close_with("closed by the server");
      } else if (errno == EAGAIN) {
        return;
      } else if (errno != EINTR) {
        close_with(errno_words(errno));
      }
    }
  }

  // Bytes that came, to the inbox.
  void take(std::string_view bytes) {
    if (!tls_) {
      inbox_.append(bytes);
      return;
    }
    const auto trouble = tls_->receive(bytes, inbox_);
    wire_ += tls_->take_outgoing();
    if (trouble) {
      send_wire();  // the alert that tells the server why
      fail_with(*trouble);
    } else if (tls_->is_closed()) {
      close_with("closed by the server");
    } else if (tls_->is_open()) {
      state_ = State::open;
    }
  }

  // All that is queued, in one send(2) as far as the kernel takes it.
  void flush() {
    if (state_ == State::open && !plain_.empty()) {
      if (!tls_) {
        wire_ += plain_;
      } else if (const auto trouble = tls_->send(plain_)) {
        fail_with(*trouble);
        return;
      } else {
        wire_ += tls_->take_outgoing();
      }
      plain_.clear();
    }
    if (const int error = send_wire(); error != 0) {
      // What the server said before it closed may still be there to read.
      read_all();
      if (state_ != State::failed) {
        close_with(errno_words(error));
      }
    }
  }

  int send_wire() {
    while (!wire_.empty()) {
      const ssize_t sent = ::send(fd_.get(), wire_.data(), wire_.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        wire_.erase(0, static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        return 0;
      } else if (errno != EINTR) {
        return errno;
      }
    }
    return 0;
  }

  void close_with(std::string_view words) {
    if (state_ == State::handshaking) {
      fail_with({Cause::tls, fmt::format("{} during the TLS handshake", words)});
    } else {
      fail_with({Cause::closed, std::string(words)});
    }
  }

  void fail_with(Trouble trouble) {
    trouble_ = std::move(trouble);
    peer_ = peer();
    state_ = State::failed;
    lookup_.reset();
    race_.reset();
    tls_.reset();
    fd_.close();
  }

  std::string host_;
  std::optional<TlsOptions> tls_options_;
  State state_ = State::resolving;
  Trouble trouble_;
  std::string peer_;
  std::unique_ptr<Lookup> lookup_;
  std::optional<Race> race_;
  std::unique_ptr<Tls> tls_;
  UniqueFd fd_;
  std::string plain_;  // not yet encrypted, or not yet to be sent
  std::string wire_;   // for the socket as it is
  std::string inbox_;
};

}  // namespace

std::unique_ptr<Stream> Stream::to(Endpoint endpoint) {
  return std::make_unique<Connection>(std::move(endpoint), std::nullopt);
}

std::unique_ptr<Stream> Stream::to_tls(Endpoint endpoint, TlsOptions tls) {
  return std::make_unique<Connection>(std::move(endpoint), std::move(tls));
}

std::unique_ptr<Stream> Stream::to_path(std::string unix_socket) {
  return std::make_unique<Connection>(unix_socket);
}

std::string_view silence_words(Stream::State state) {
  switch (state) {
    case Stream::State::resolving:
      return "no answer from the name server";
    case Stream::State::connecting:
      return "no answer to the connection";
    case Stream::State::handshaking:
      return "the TLS handshake does not end";
    case Stream::State::open:
      return "connected, and no answer";
    case Stream::State::failed:
      break;
  }
  return "failed";
}

}  // namespace toolkit::net

// port-free:[HOST:]PORT: a server could bind the port now. Asked by binding it ourselves, as
// servers do, with SO_REUSEADDR: without a host for IPv4 and for IPv6 with and without
// IPV6_V6ONLY, since a listener on :: also takes 0.0.0.0 (pytorch/pytorch#173909).
//
// There is no listen(2): it would let clients in that take us for the server, another `wait
// tcp://` among them. Nothing is missed: with SO_REUSEADDR the kernel refuses a bind as soon as
// one socket listens (socket(7)).

#include "schemes.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/base/unique_fd.hpp>
#include <toolkit/probe/port_holder.hpp>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace toolkit::probe {
namespace {

struct Place {
  int family = AF_INET;
  in6_addr address{};  // for AF_INET the first four bytes
  bool only_ipv6 = true;
};

// The errno of the attempt to bind; 0 when it worked or there is no such family here.
int try_bind(const Place& place, std::uint16_t port) {
  const UniqueFd fd(::socket(place.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) {
    return errno == EAFNOSUPPORT ? 0 : errno;
  }
  const int on = 1, only_ipv6 = place.only_ipv6 ? 1 : 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_in);
  if (place.family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof only_ipv6);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = place.address;
    std::memcpy(&storage, &address, size = sizeof address);
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    std::memcpy(&address.sin_addr, &place.address, sizeof address.sin_addr);
    std::memcpy(&storage, &address, sizeof address);
  }
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0 ? 0 : errno;
}

std::optional<Place> parse_place(std::string_view host) {
  if (host == "localhost") {
    host = "127.0.0.1";
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  Place place;
  const std::string text(host);
  if (::inet_pton(AF_INET, text.c_str(), &place.address) == 1) {
    return place;
  }
  place.family = AF_INET6;
  return ::inet_pton(AF_INET6, text.c_str(), &place.address) == 1 ? std::optional(place)
                                                                  : std::nullopt;
}

std::string place_words(const LocalSocket& socket) {
  return socket.address.find(':') == std::string::npos
             ? fmt::format("{}:{}", socket.address, socket.port)
             : fmt::format("[{}]:{}", socket.address, socket.port);
}

class PortFreeProbe : public Probe {
 public:
  PortFreeProbe(std::vector<Place> places, std::uint16_t port)
      : places_(std::move(places)), port_(port) {}

  [[nodiscard]] Milliseconds pace() const override { return kPortPace; }

  void begin(SteadyTime /*now*/, SteadyTime /*until*/) override {
    for (const Place& place : places_) {
      const int error = try_bind(place, port_);
      // IPv6 that is switched off has no [::]; a host that was asked for must be there.
      if (error != 0 && !(error == EADDRNOTAVAIL && places_.size() > 1)) {
        finding_ = explain(error);
        return;
      }
    }
    finding_ = Finding{true, false, Reason::none, "free", std::nullopt};
  }
  void collect(std::vector<pollfd>& /*entries*/) const override {}
  [[nodiscard]] SteadyTime next_deadline() const override { return SteadyTime::max(); }
  void advance(std::span<const pollfd> /*entries*/, SteadyTime /*now*/) override {}
  [[nodiscard]] std::optional<Finding> take() override {
    return std::exchange(finding_, std::nullopt);
  }

 private:
  Finding explain(int error) {
    const auto sockets = sockets_on(port_);
    const bool listened = sockets && !sockets->empty() && sockets->front().state == kListening;
    if (error == EADDRINUSE || (error == EACCES && listened)) {
      return {false, false, Reason::busy, describe(sockets), std::nullopt};
    }
    std::string words = error == EACCES ? fmt::format("may not bind port {}", port_)
                        : error == EADDRNOTAVAIL
                            ? "this machine has no such address"
                            : fmt::format("cannot bind: {}", ::strerrordesc_np(error));
    return {false, false, Reason::unknown, std::move(words), std::nullopt};
  }

  // "taken by pid 4711 (python3) on [::]:29500"
  std::string describe(const std::optional<std::vector<LocalSocket>>& sockets) {
    if (!sockets || sockets->empty()) {
      return "taken, by whom cannot be seen";  // bound and not listening, or another's /proc
    }
    const LocalSocket& first = sockets->front();
    if (first.state == kTimeWait) {
      return "taken by connections that are just closing (TIME_WAIT)";
    }
    if (first.inode != holder_of_) {  // a walk through /proc: once for each socket
      holder_ = find_holder(first.inode);
      holder_of_ = first.inode;
    }
    const std::string what = first.state == kListening ? "" : ", as one end of a connection";
    return holder_.pid == 0
               ? fmt::format("taken on {}{}, by whom cannot be seen", place_words(first), what)
               : fmt::format("taken by pid {} ({}) on {}{}", holder_.pid,
                             printable(holder_.program), place_words(first), what);
  }

  std::vector<Place> places_;
  std::uint16_t port_;
  Holder holder_;
  unsigned long holder_of_ = 0;
  std::optional<Finding> finding_;
};

std::vector<Place> everywhere() {
  return {Place{AF_INET, {}, true}, Place{AF_INET6, {}, true}, Place{AF_INET6, {}, false}};
}

}  // namespace

Made make_port_free(const condition::Leaf& leaf, const Settings& /*settings*/) {
  if (auto wrong = unknown_parameter(leaf, {})) {
    return tl::unexpected(std::move(*wrong));
  }
  const std::string_view text = leaf.target.text;
  const std::size_t colon = text.rfind(':');
  const auto port = parse_whole(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) {
    return mistake(leaf, leaf.target, "port-free: needs a port from 1 to 65535",
                   "port-free:29500 or port-free:127.0.0.1:29500");
  }
  std::vector<Place> places = everywhere();
  if (colon != std::string_view::npos) {
    const auto place = parse_place(text.substr(0, colon));
    if (!place) {
      return mistake(leaf, leaf.target, "port-free: needs an address of this machine as its host",
                     "port-free:29500 asks for all of them");
    }
    places = {*place};
  }
  return std::make_unique<PortFreeProbe>(std::move(places), static_cast<std::uint16_t>(*port));
}

}  // namespace toolkit::probe

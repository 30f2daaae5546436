#include "address.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <net/if.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace toolkit::net {
namespace {

template <typename Form>
Address wrap(const Form& form, std::size_t size = sizeof(Form)) {
  Address address;
  std::memcpy(&address.storage, &form, sizeof form);
  address.size = static_cast<socklen_t>(size);
  return address;
}

template <typename Form>
Form form_of(const Address& address) {
  Form form{};
  std::memcpy(&form, &address.storage, sizeof form);
  return form;
}

}  // namespace

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> number{};
  if (size != 0 && storage.ss_family == AF_INET) {
    const auto form = form_of<sockaddr_in>(*this);
    ::inet_ntop(AF_INET, &form.sin_addr, number.data(), number.size());
    return fmt::format("{}:{}", number.data(), ntohs(form.sin_port));
  }
  if (size != 0 && storage.ss_family == AF_INET6) {
    const auto form = form_of<sockaddr_in6>(*this);
    ::inet_ntop(AF_INET6, &form.sin6_addr, number.data(), number.size());
    return fmt::format("[{}]:{}", number.data(), ntohs(form.sin6_port));
  }
  if (size != 0 && storage.ss_family == AF_UNIX) {
    const auto form = form_of<sockaddr_un>(*this);
    std::string path(form.sun_path, size - offsetof(sockaddr_un, sun_path));
    if (path[0] == '\0') {
      path[0] = '@';
    }
    return path;
  }
  return {};
}

Address address_of(const in_addr& number, std::uint16_t port) {
  sockaddr_in form{};
  form.sin_family = AF_INET;
  form.sin_port = htons(port);
  form.sin_addr = number;
  return wrap(form);
}

Address address_of(const in6_addr& number, std::uint16_t port, std::uint32_t scope) {
  sockaddr_in6 form{};
  form.sin6_family = AF_INET6;
  form.sin6_port = htons(port);
  form.sin6_addr = number;
  form.sin6_scope_id = scope;
  return wrap(form);
}

std::optional<Address> numeric_address(const std::string& host, std::uint16_t port) {
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) {
    return address_of(four, port);
  }
  const auto percent = host.find('%');
  in6_addr six{};
  if (::inet_pton(AF_INET6, host.substr(0, percent).c_str(), &six) != 1) {
    return std::nullopt;
  }
  if (percent == std::string::npos) {
    return address_of(six, port);
  }
  const unsigned scope = ::if_nametoindex(host.c_str() + percent + 1);
  return scope != 0 ? std::optional(address_of(six, port, scope)) : std::nullopt;
}

std::optional<Address> path_address(const std::string& path) {
  sockaddr_un form{};
  form.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof form.sun_path) {
    return std::nullopt;
  }
  std::memcpy(form.sun_path, path.data(), path.size());
  if (path[0] == '@') {
    form.sun_path[0] = '\0';
  }
  return wrap(form, offsetof(sockaddr_un, sun_path) + path.size());
}

}  // namespace toolkit::net

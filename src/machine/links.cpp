#include "links.hpp"

#include <toolkit/base/unique_fd.hpp>

#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <span>

namespace toolkit::machine {
namespace {

using Bytes = std::span<const char>;
using OnAttribute = std::function<void(unsigned short type, Bytes value)>;
using OnMessage = std::function<void(unsigned short type, Bytes payload)>;

template <typename T>
T read_as(Bytes bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
  return value;
}

std::string text_of(Bytes bytes) { return {bytes.data(), ::strnlen(bytes.data(), bytes.size())}; }

void for_each_attribute(Bytes bytes, const OnAttribute& visit) {
  while (bytes.size() >= sizeof(rtattr)) {
    const auto head = read_as<rtattr>(bytes);
    if (head.rta_len < sizeof(rtattr) || head.rta_len > bytes.size()) {
      return;
    }
    visit(head.rta_type & NLA_TYPE_MASK,
          bytes.subspan(sizeof(rtattr), head.rta_len - sizeof(rtattr)));
    bytes = bytes.subspan(std::min<std::size_t>(RTA_ALIGN(head.rta_len), bytes.size()));
  }
}

// The messages of one datagram; false when the answer is complete.
bool for_each_message(Bytes bytes, const OnMessage& visit) {
  while (bytes.size() >= sizeof(nlmsghdr)) {
    const auto head = read_as<nlmsghdr>(bytes);
    if (head.nlmsg_len < sizeof(nlmsghdr) || head.nlmsg_len > bytes.size() ||
        head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR) {
      return false;
    }
    visit(head.nlmsg_type, bytes.subspan(NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN));
    if ((head.nlmsg_flags & NLM_F_MULTI) == 0) {
      return false;
    }
    bytes = bytes.subspan(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), bytes.size()));
  }
  return true;
}

// 0, or the errno. The kernel answers at once; the socket's time limit is for emulations of it.
int ask(int fd, const void* request, std::size_t size, const OnMessage& visit) {
  if (::send(fd, request, size, 0) < 0) {
    return errno;
  }
  std::vector<char> buffer(32 << 10);  // as much as the kernel puts into one datagram of a dump
  while (true) {
    const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return errno;
    }
    if (!for_each_message(Bytes(buffer.data(), static_cast<std::size_t>(count)), visit)) {
      return 0;
    }
  }
}

template <typename Body>
struct Request {
  nlmsghdr head;
  Body body;
};

int dump(int fd, unsigned short type, const OnMessage& visit) {
  Request<rtgenmsg> request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = type;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.rtgen_family = AF_UNSPEC;
  return ask(fd, &request, sizeof request, visit);
}

std::string kind_of(unsigned short hardware, const std::string& made_by) {
  constexpr std::string_view kTunnels[] = {"tun",    "ipip",      "sit",    "gre",
                                           "gretap", "ip6gre",    "ip6tnl", "vti",
                                           "geneve", "wireguard", "vxlan"};
  if (hardware == ARPHRD_LOOPBACK) {
    return "loopback";
  }
  if (hardware == ARPHRD_INFINIBAND) {
    return "infiniband";
  }
  if (made_by == "bridge") {
    return "bridge";
  }
  if (std::ranges::count(kTunnels, made_by) > 0 || hardware == ARPHRD_TUNNEL ||
      hardware == ARPHRD_SIT || hardware == ARPHRD_NONE) {
    return "tunnel";
  }
  return hardware == ARPHRD_ETHER && made_by.empty() ? "ethernet" : "virtual";
}

Interface parse_link(Bytes payload) {
  Interface found;
  if (payload.size() < sizeof(ifinfomsg)) {
    return found;
  }
  const auto info = read_as<ifinfomsg>(payload);
  found.index = static_cast<std::uint32_t>(info.ifi_index);
  found.up = (info.ifi_flags & IFF_UP) != 0;
  found.loopback = (info.ifi_flags & IFF_LOOPBACK) != 0;
  for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof info)), [&](auto type, Bytes value) {
    if (type == IFLA_IFNAME) {
      found.name = text_of(value);
    } else if (type == IFLA_MTU) {
      found.mtu = read_as<std::uint32_t>(value);
    } else if (type == IFLA_LINKINFO) {
      for_each_attribute(value, [&](auto inner, Bytes kind) {
        found.driver = inner == IFLA_INFO_KIND ? text_of(kind) : found.driver;
      });
    }
  });
  found.kind = kind_of(info.ifi_type, found.driver);
  return found;
}

// IFA_LOCAL is ours where there is a peer.
void add_address(std::vector<Interface>& interfaces, Bytes payload) {
  if (payload.size() < sizeof(ifaddrmsg)) {
    return;
  }
  const auto info = read_as<ifaddrmsg>(payload);
  std::string address, local;
  for_each_attribute(payload.subspan(NLMSG_ALIGN(sizeof info)), [&](auto type, Bytes value) {
    const std::size_t size = info.ifa_family == AF_INET ? 4 : 16;
    char text[INET6_ADDRSTRLEN] = "";
    if ((type == IFA_ADDRESS || type == IFA_LOCAL) && value.size() >= size &&
        ::inet_ntop(info.ifa_family, value.data(), text, sizeof text) != nullptr) {
      (type == IFA_LOCAL ? local : address) = text;
    }
  });
  for (Interface& found : interfaces) {
    if (found.index == info.ifa_index && !(local.empty() && address.empty())) {
      found.addresses.push_back(local.empty() ? address : local);
    }
  }
}

// Documentation addresses (RFC 5737, RFC 3849) lie outside of every network: the kernel looks up
// the way to them, and nothing is sent. A dump of all routes would grow with the machine.
std::uint32_t route_out(int fd, unsigned char family) {
  struct Asked {
    rtmsg message;
    rtattr head;
    unsigned char address[16];
  };
  Request<Asked> request{};
  const unsigned size = family == AF_INET ? 4 : 16;
  ::inet_pton(family, family == AF_INET ? "198.51.100.1" : "2001:db8::1", request.body.address);
  request.body.message.rtm_family = family;
  request.body.message.rtm_dst_len = static_cast<unsigned char>(size * 8);
  request.body.head = {static_cast<unsigned short>(RTA_LENGTH(size)), RTA_DST};
  request.head.nlmsg_len =
      static_cast<std::uint32_t>(NLMSG_LENGTH(sizeof(rtmsg)) + RTA_LENGTH(size));
  request.head.nlmsg_type = RTM_GETROUTE;
  request.head.nlmsg_flags = NLM_F_REQUEST;
  std::uint32_t index = 0;
  (void)ask(fd, &request, request.head.nlmsg_len, [&](auto, Bytes payload) {
    const auto body = payload.subspan(std::min(payload.size(), NLMSG_ALIGN(sizeof(rtmsg))));
    for_each_attribute(body, [&](auto type, Bytes value) {
      index = type == RTA_OIF ? read_as<std::uint32_t>(value) : index;
    });
  });
  return index;
}

// ethtool's words on a real device: netlink sockets take its ioctl too.
void ask_device(int fd, Interface& found, std::vector<std::string>& on_pci) {
  ifreq request{};
  found.name.copy(request.ifr_name, IFNAMSIZ - 1);
  ethtool_drvinfo driver{};
  driver.cmd = ETHTOOL_GDRVINFO;
  request.ifr_data = reinterpret_cast<char*>(&driver);
  if (::ioctl(fd, SIOCETHTOOL, &request) == 0) {
    found.driver = text_of(Bytes(driver.driver, sizeof driver.driver));
    if (text_of(Bytes(driver.bus_info, sizeof driver.bus_info)).find(':') != std::string::npos) {
      on_pci.push_back(found.name);
    }
  }
  ethtool_cmd settings{};
  settings.cmd = ETHTOOL_GSET;
  request.ifr_data = reinterpret_cast<char*>(&settings);
  if (::ioctl(fd, SIOCETHTOOL, &request) == 0) {
    const std::uint32_t speed = ethtool_cmd_speed(&settings);
    found.speed_mbit = speed != 0 && speed != static_cast<std::uint32_t>(SPEED_UNKNOWN)
                           ? std::optional(speed)
                           : std::nullopt;
  }
}

}  // namespace

Links read_links() {
  Links links;
  const UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (fd.get() < 0) {
    links.trouble = std::string("cannot ask for network interfaces: ") + std::strerror(errno);
    return links;
  }
  const timeval patience{0, 500'000};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  int error = dump(fd.get(), RTM_GETLINK, [&](auto type, Bytes payload) {
    if (type == RTM_NEWLINK) {
      links.interfaces.push_back(parse_link(payload));
    }
  });
  error = error != 0 ? error : dump(fd.get(), RTM_GETADDR, [&](auto type, Bytes payload) {
    if (type == RTM_NEWADDR) {
      add_address(links.interfaces, payload);
    }
  });
  if (error != 0) {
    links.trouble = std::string("cannot ask for network interfaces: ") + std::strerror(error);
    return links;
  }
  links.route_out = route_out(fd.get(), AF_INET);
  links.route_out = links.route_out != 0 ? links.route_out : route_out(fd.get(), AF_INET6);
  for (Interface& found : links.interfaces) {
    if (found.kind == "ethernet" || found.kind == "infiniband") {
      ask_device(fd.get(), found, links.on_pci);
    }
  }
  return links;
}

}  // namespace toolkit::machine

#include "ares_lookup.hpp"

#include "address.hpp"
#include "srv_answer.hpp"

// Debian 12's 1.18 has nothing else yet for what newer ones call deprecated.
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <array>
#include <cstring>

namespace toolkit::net {
namespace {

// c-ares doubles the time with each round: 1 s, then 2 s. The second question comes early enough
// for the packets that Kubernetes' NAT is known to lose (weaveworks/weave#3287).
constexpr int kTimeoutMilliseconds = 1000;
constexpr int kTries = 2;
// RFC 8305, section 3: how long A records wait for the preferred AAAA; and longer the other way
// round, since addresses that came too late are not tried any more.
constexpr auto kResolutionDelay = Milliseconds(50);
constexpr auto kOtherFamilyDelay = Milliseconds(250);

// Only a name server that has answered tells of a name; whether it is there is else unknown.
Trouble trouble_of(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
      return {Cause::name, "no such name (NXDOMAIN)"};
    case ARES_ENODATA:
      return {Cause::name, "the name has no such record"};
    case ARES_ESERVFAIL:
      return {Cause::other, "the name server failed (SERVFAIL)"};
    case ARES_EREFUSED:
      return {Cause::other, "the name server refuses to answer (REFUSED)"};
    case ARES_EFORMERR:
    case ARES_ENOTIMP:
    case ARES_EBADRESP:
      return {Cause::other, "the name server does not understand, or is not understood"};
    case ARES_EBADNAME:
      return {Cause::name, "not a name that can be looked up"};
    case ARES_ETIMEOUT:
      return {Cause::timed_out, "no answer from the name server"};
    case ARES_ECONNREFUSED:
      return {Cause::other, "no name server can be reached"};
    default:
      return {Cause::other, ares_strerror(status)};
  }
}

// What is asked in one question.
struct Question {
  class AresLookup* owner = nullptr;
  bool asked = false;
  std::optional<int> status;  // ARES_*, once it is answered
  std::vector<Address> addresses;
  [[nodiscard]] bool open() const { return asked && !status; }
};

class AresLookup : public Lookup {
 public:
  AresLookup(Endpoint endpoint, Record record, const std::string& server)
      : endpoint_(std::move(endpoint)), record_(record), server_(server) {
    ask(0, std::chrono::steady_clock::now());
  }
  AresLookup(const AresLookup&) = delete;
  AresLookup& operator=(const AresLookup&) = delete;
  ~AresLookup() override { close_channel(); }

  void collect(std::vector<pollfd>& entries) const override {
    if (result_) {
      return;
    }
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const int bits = ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM);
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      const bool reads = ARES_GETSOCK_READABLE(bits, i) != 0;
      const bool writes = ARES_GETSOCK_WRITABLE(bits, i) != 0;
      if (reads || writes) {
        const int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
        entries.push_back({sockets[static_cast<std::size_t>(i)], static_cast<short>(events), 0});
      }
    }
  }

  [[nodiscard]] SteadyTime next_deadline() const override {
    if (result_) {
      return SteadyTime::max();
    }
    timeval left{};
    if (ares_timeout(channel_, nullptr, &left) == nullptr) {
      return give_up_other_;
    }
    const auto next = std::chrono::steady_clock::now() + std::chrono::seconds(left.tv_sec) +
                      std::chrono::microseconds(left.tv_usec);
    return std::min<SteadyTime>(next, give_up_other_);
  }

  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (result_) {
      return;
    }
    for (const pollfd& entry : entries) {
      const bool reads = (entry.revents & ~POLLOUT) != 0;
      const bool writes = (entry.revents & POLLOUT) != 0;
      ares_process_fd(channel_, reads ? entry.fd : ARES_SOCKET_BAD,
                      writes ? entry.fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what has timed out
    settle(now);
  }

  [[nodiscard]] const std::optional<Answer>& result() const override { return result_; }

 private:
  void ask(int flags, SteadyTime now) {
    six_ = four_ = srv_ = {};
    if (const int status = open_channel(flags); status != ARES_SUCCESS) {
      result_ = tl::unexpected(trouble_of(status));
      return;
    }
    if (record_ != Record::a && record_ != Record::srv) {
      ask_addresses(six_, AF_INET6);
    }
    if (record_ != Record::aaaa && record_ != Record::srv) {
      ask_addresses(four_, AF_INET);
    }
    if (record_ == Record::srv) {
      ask_srv();
    }
    settle(now);
  }

  int open_channel(int flags) {
    ares_options options{};
    options.flags = flags;
    options.timeout = kTimeoutMilliseconds;
    options.tries = kTries;
    std::string lookups = "b";  // name servers only: /etc/hosts is read by ourselves
    options.lookups = lookups.data();
    const int status =
        ares_init_options(&channel_, &options,
                          ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
    if (status != ARES_SUCCESS || server_.empty()) {
      return status;
    }
    return ares_set_servers_ports_csv(channel_, server_.c_str());
  }

  // Closes its sockets; open questions are answered with ARES_EDESTRUCTION.
  void close_channel() {
    if (channel_ != nullptr) {
      ares_destroy(channel_);
      channel_ = nullptr;
    }
  }

  void ask_addresses(Question& question, int family) {
    question.owner = this;
    question.asked = true;
    ares_addrinfo_hints hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(
        channel_, endpoint_.host.c_str(), nullptr, &hints,
        [](void* argument, int status, int, ares_addrinfo* found) {
          auto& of = *static_cast<Question*>(argument);
          of.owner->take_addresses(of, status, found);
        },
        &question);
  }

  void take_addresses(Question& question, int status, ares_addrinfo* found) const {
    question.status = status;
    for (const ares_addrinfo_node* node = found != nullptr ? found->nodes : nullptr;
         node != nullptr; node = node->ai_next) {
      if (node->ai_family == AF_INET6) {
        sockaddr_in6 form{};
        std::memcpy(&form, node->ai_addr, sizeof form);
        question.addresses.push_back(address_of(form.sin6_addr, endpoint_.port));
      } else if (node->ai_family == AF_INET) {
        sockaddr_in form{};
        std::memcpy(&form, node->ai_addr, sizeof form);
        question.addresses.push_back(address_of(form.sin_addr, endpoint_.port));
      }
    }
    if (found != nullptr) {
      ares_freeaddrinfo(found);
    }
    if (status == ARES_SUCCESS && question.addresses.empty()) {
      question.status = ARES_ENODATA;
    }
  }

  void ask_srv() {
    srv_.asked = true;
    ares_search(
        channel_, endpoint_.host.c_str(), ns_c_in, ns_t_srv,
        [](void* argument, int status, int, unsigned char* bytes, int size) {
          auto& of = *static_cast<Question*>(argument);
          of.status = status;
          if (status == ARES_SUCCESS) {
            auto found = parse_srv_answer({bytes, static_cast<std::size_t>(size)});
            of.status = !found ? ARES_EBADRESP : found->empty() ? ARES_ENODATA : ARES_SUCCESS;
            of.addresses = std::move(found).value_or(std::vector<Address>{});
          }
        },
        &srv_);
  }

  // Whether there is an answer by now: all questions are answered, or one family has been waiting
  // for the other long enough.
  void settle(SteadyTime now) {
    const bool open = six_.open() || four_.open() || srv_.open();
    const bool some = !six_.addresses.empty() || !four_.addresses.empty();
    if (record_ == Record::any && open && some && give_up_other_ == SteadyTime::max()) {
      give_up_other_ = now + (six_.addresses.empty() ? kResolutionDelay : kOtherFamilyDelay);
    }
    if (open && now < give_up_other_) {
      return;
    }
    std::vector<Address> all;
    for (const Question* question : {&six_, &four_, &srv_}) {
      all.insert(all.end(), question->addresses.begin(), question->addresses.end());
    }
    close_channel();
    if (!all.empty()) {
      result_ = std::move(all);
    } else if (const int status = worst_status(); status == ARES_ECONNREFUSED && !asked_why_) {
      asked_why_ = true;
      ask(ARES_FLAG_NOCHECKRESP, now);
    } else {
      result_ = tl::unexpected(trouble_of(status));
    }
  }

  // With two questions the one that says more: that a name has no AAAA says nothing.
  [[nodiscard]] int worst_status() const {
    int worst = ARES_ENODATA;
    for (const Question* question : {&six_, &four_, &srv_}) {
      if (question->status && *question->status != ARES_ENODATA) {
        worst = *question->status;
      }
    }
    return worst;
  }

  Endpoint endpoint_;
  Record record_;
  std::string server_;
  // c-ares passes over servers that answer SERVFAIL or REFUSED, and then says as little as if none
  // were there (1.18.1). So the first failure of that kind is asked for once more, with its word
  // taken.
  bool asked_why_ = false;
  ares_channel channel_ = nullptr;
  Question six_, four_, srv_;
  SteadyTime give_up_other_ = SteadyTime::max();
  std::optional<Answer> result_;
};

}  // namespace

std::unique_ptr<Lookup> ask_name_servers(const Endpoint& endpoint, Record record,
                                         const std::string& server) {
  return std::make_unique<AresLookup>(endpoint, record, server);
}

}  // namespace toolkit::net

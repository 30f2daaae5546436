#include "connection.hpp"
#include "key_store.hpp"
#include "listening_socket.hpp"
#include "names.hpp"

#include <toolkit/rendezvous/barrier.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <utility>

namespace toolkit::rendezvous {
namespace {

constexpr KeyStore::Client kListener = 0;
constexpr std::size_t kMaximumBuffers = KeyStore::kMaximumBytes;  // of all connections together
constexpr std::size_t kSmall = 128U << 10U;  // a connection that holds less is left alone
constexpr int kRounds = 4;  // of events in one advance(); the rest comes with the next
constexpr Milliseconds kAcceptAgain{100};

// accept4(2) asks for a descriptor first and for a connection then, so that it is short of one also
// when nobody is there.
bool has_visitor(int listener) {
  pollfd entry{.fd = listener, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) > 0;
}

}  // namespace

class Barrier::Server {
 public:
  Server(const BarrierOptions& options, ListeningSocket listening, UniqueFd events);

  void advance(SteadyTime now);

  [[nodiscard]] int events() const { return events_.get(); }
  [[nodiscard]] std::uint16_t port() const { return listening_.port; }
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] SteadyTime next_deadline() const { return accept_again_; }
  [[nodiscard]] Attendance attendance() const;
  [[nodiscard]] std::size_t present() const;
  [[nodiscard]] bool is_over() const;

 private:
  void poll_listener(bool wanted);
  void accept(SteadyTime now);
  void receive(UniqueFd fd);
  bool drop_a_stranger();
  void serve(KeyStore::Client id, std::uint32_t events);
  void settle();
  void update(Connection& connection);
  void close(KeyStore::Client id);

  BarrierOptions options_;
  ListeningSocket listening_;
  UniqueFd events_;  // epoll(7): what is polled for does not grow with the connections
  KeyStore store_;
  std::map<KeyStore::Client, Connection> connections_;  // the oldest first
  KeyStore::Client next_id_ = kListener + 1;
  SteadyTime accept_again_ = SteadyTime::max();
  std::size_t buffers_ = 0;
  bool ready_ = false;
};

Barrier::Server::Server(const BarrierOptions& options, ListeningSocket listening, UniqueFd events)
    : options_(options), listening_(std::move(listening)), events_(std::move(events)) {
  store_.put(kWorkersKey, std::to_string(options_.workers));
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kListener}};
  ::epoll_ctl(events_.get(), EPOLL_CTL_ADD, listening_.fd.get(), &event);
}

void Barrier::Server::advance(SteadyTime now) {
  if (now >= accept_again_) {
    accept_again_ = SteadyTime::max();
    poll_listener(true);
  }
  std::array<epoll_event, 64> events;  // NOLINT(*-member-init): filled by the kernel
  for (int round = 0; round < kRounds; ++round) {
    const int count =
        ::epoll_wait(events_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == kListener) {
        accept(now);
      } else {
        serve(event.data.u64, event.events);
      }
    }
    if (count < static_cast<int>(events.size())) {
      break;
    }
  }
}

void Barrier::Server::poll_listener(bool wanted) {
  epoll_event event{.events = wanted ? EPOLLIN : 0U, .data = {.u64 = kListener}};
  ::epoll_ctl(events_.get(), EPOLL_CTL_MOD, listening_.fd.get(), &event);
}

void Barrier::Server::accept(SteadyTime now) {
  for (int tries = 0; tries < 64 && has_visitor(listening_.fd.get()); ++tries) {
    UniqueFd fd(::accept4(listening_.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      receive(std::move(fd));
      continue;
    }
    const bool short_of = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (short_of && !drop_a_stranger()) {
      poll_listener(false);
      accept_again_ = now + kAcceptAgain;
      return;
    }
    // accept(2): a connection that has failed already is not the listener's trouble.
  }
}

void Barrier::Server::receive(UniqueFd fd) {
  const KeyStore::Client id = next_id_++;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
  if (::epoll_ctl(events_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) {
    return;  // no memory, or the user's limit of watches: closed rather than never heard
  }
  Connection& connection = connections_.try_emplace(id, id, std::move(fd)).first->second;
  connection.polled_for = EPOLLIN;
  buffers_ += connection.held();
}

bool Barrier::Server::drop_a_stranger() {
  const auto stranger = std::ranges::find_if(
      connections_, [](const auto& entry) { return !entry.second.is_known(); });
  if (stranger == connections_.end()) {
    return false;
  }
  close(stranger->first);
  return true;
}

void Barrier::Server::serve(KeyStore::Client id, std::uint32_t events) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) {
    return;  // closed by an event before this one
  }
  Connection& connection = found->second;
  const std::size_t before = connection.held();
  const bool reads = (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
  const bool lives = (!reads || connection.read()) && connection.serve(store_);
  buffers_ += connection.held() - before;
  if (lives) {
    update(connection);
    if (buffers_ > kMaximumBuffers && connection.held() > kSmall) {
      close(id);
    }
  } else {
    close(id);
  }
  settle();
}

// What follows from a change of the keys: the end of waits, and of the rendezvous.
void Barrier::Server::settle() {
  if (!ready_ && attendance().complete()) {
    ready_ = true;
    store_.put(kReadyKey, "1");
  }
  for (auto woken = store_.take_woken(); !woken.empty(); woken = store_.take_woken()) {
    for (const KeyStore::Client id : woken) {
      const auto found = connections_.find(id);
      if (found == connections_.end()) {
        continue;
      }
      const std::size_t before = found->second.held();
      const bool lives = found->second.wake();
      buffers_ += found->second.held() - before;
      if (lives) {
        update(found->second);
      } else {
        close(id);
      }
    }
  }
}

void Barrier::Server::update(Connection& connection) {
  if (connection.polled_for != connection.interest()) {
    connection.polled_for = connection.interest();
    epoll_event event{.events = connection.polled_for, .data = {.u64 = connection.id()}};
    ::epoll_ctl(events_.get(), EPOLL_CTL_MOD, connection.fd(), &event);
  }
}

void Barrier::Server::close(KeyStore::Client id) {
  const auto found = connections_.find(id);
  const std::int64_t joined = found->second.joined();
  buffers_ -= found->second.held();
  store_.forget(id);
  connections_.erase(found);
  if (!ready_ && joined > 0) {
    (void)store_.add(kInitKey, -joined);
  }
}

Attendance Barrier::Server::attendance() const {
  const std::string* value = store_.find(kInitKey);
  const auto count = value == nullptr ? std::nullopt : parse_count(*value);
  return {.joined = count.value_or(0), .workers = options_.workers};
}

std::size_t Barrier::Server::present() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      connections_, [](const auto& entry) { return entry.second.joined() > 0; }));
}

bool Barrier::Server::is_over() const {
  return ready_ && (options_.end == BarrierEnd::joined ||
                    (options_.end == BarrierEnd::left && present() == 0));
}

Result<std::unique_ptr<Barrier>> Barrier::listen(const BarrierOptions& options) {
  TRY_ASSIGN(ListeningSocket listening, listen_on(options.host, options.port));
  UniqueFd events(::epoll_create1(EPOLL_CLOEXEC));
  if (!events) {
    return fail_errno("cannot listen", errno);
  }
  return std::unique_ptr<Barrier>(
      new Barrier(std::make_unique<Server>(options, std::move(listening), std::move(events))));
}

Barrier::Barrier(std::unique_ptr<Server> server) : server_(std::move(server)) {}
Barrier::~Barrier() = default;

void Barrier::collect(std::vector<pollfd>& entries) const {
  entries.push_back({.fd = server_->events(), .events = POLLIN, .revents = 0});
}

SteadyTime Barrier::next_deadline() const { return server_->next_deadline(); }

void Barrier::advance(std::span<const pollfd> /*entries*/, SteadyTime now) {
  server_->advance(now);
}

Attendance Barrier::attendance() const { return server_->attendance(); }
std::size_t Barrier::present() const { return server_->present(); }
bool Barrier::is_over() const { return server_->is_over(); }
std::uint16_t Barrier::port() const { return server_->port(); }
std::size_t Barrier::connections() const { return server_->connections(); }

}  // namespace toolkit::rendezvous

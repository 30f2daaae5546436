#include "http_call.hpp"
#include "http_parser.hpp"
#include "proxy.hpp"

#include <toolkit/net/http_client.hpp>

#include <fmt/core.h>

#include <list>
#include <mutex>

namespace toolkit::net {
namespace {

SteadyTime now_steady() { return std::chrono::steady_clock::now(); }

struct Idle {
  std::string key;
  SteadyTime since;
  std::unique_ptr<BlockingConnection> connection;
};

// Connections that wait for their next request, the latest first: the others grow old and go.
class Pool {
 public:
  explicit Pool(const HttpClientSettings& settings)
      : most_(settings.kept_connections), kept_for_(settings.kept_for) {}

  std::unique_ptr<BlockingConnection> take(const std::string& key) {
    while (auto found = take_latest(key)) {
      if (found->is_idle()) {
        return found;
      }
    }
    return nullptr;
  }

  void drop(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    idle_.remove_if([&key](const Idle& idle) { return idle.key == key; });
  }

  void keep(const std::string& key, std::unique_ptr<BlockingConnection> connection) {
    std::list<Idle> gone;  // closed when the lock is open again
    const std::scoped_lock lock(mutex_);
    idle_.push_front({key, now_steady(), std::move(connection)});
    while (idle_.size() > most_ || (!idle_.empty() && is_old(idle_.back()))) {
      gone.splice(gone.end(), idle_, std::prev(idle_.end()));
    }
  }

 private:
  std::unique_ptr<BlockingConnection> take_latest(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    for (auto at = idle_.begin(); at != idle_.end(); ++at) {
      if (at->key == key && !is_old(*at)) {
        auto found = std::move(at->connection);
        idle_.erase(at);
        return found;
      }
    }
    return nullptr;
  }
  [[nodiscard]] bool is_old(const Idle& idle) const {
    return now_steady() - idle.since > kept_for_;
  }

  std::size_t most_;
  Milliseconds kept_for_;
  std::mutex mutex_;
  std::list<Idle> idle_;
};

// Where to connect to, and how to speak there.
struct Route {
  Url url;
  std::optional<Proxy> proxy;

  [[nodiscard]] std::string key() const {
    const std::string by = proxy ? to_text(proxy->endpoint) : "";
    return proxy && !url.tls ? by : fmt::format("{}{}|{}", url.tls ? "s" : "", url.host, by);
  }
  [[nodiscard]] bool is_absolute() const { return proxy && !url.tls; }
};

class Client : public HttpClient {
 public:
  explicit Client(HttpClientSettings settings) : settings_(std::move(settings)), pool_(settings_) {}

  Result<HttpResponse> send(const ClientRequest& request) override {
    TRY_ASSIGN(auto proxy, proxy_for(request.url, settings_.get_env));
    const Route route{request.url, std::move(proxy)};
    TRY_ASSIGN(const std::string head,
               head_of(request, route.is_absolute(),
                       route.is_absolute() ? route.proxy->authorization : ""));
    if (auto kept = pool_.take(route.key())) {
      CallEnd end = call_on(std::move(kept), route, request, head);
      if (!end.result && !end.never_read) {
        pool_.drop(route.key());  // what has cut one silently has cut its neighbours: NAT
      }
      if (!end.never_read || !request.repeatable) {
        return std::move(end.result);
      }
    }
    TRY_ASSIGN(auto fresh, connect(route));
    return call_on(std::move(fresh), route, request, head).result;
  }

 private:
  CallEnd call_on(std::unique_ptr<BlockingConnection> connection, const Route& route,
                  const ClientRequest& request, const std::string& head) {
    CallEnd end = call(*connection, request, head);
    if (end.reusable) {
      pool_.keep(route.key(), std::move(connection));
    }
    return end;
  }

  Result<std::unique_ptr<BlockingConnection>> connect(const Route& route) const {
    const SteadyTime deadline = now_steady() + settings_.connect_limit;
    const Endpoint& peer = route.proxy ? route.proxy->endpoint : route.url.endpoint;
    auto opened = BlockingConnection::open(peer, {settings_.silence, settings_.stop_fd}, deadline);
    if (!opened) {
      Error error = error_of(opened.error(), to_text(peer));
      error.message.insert(0, route.proxy ? "the proxy " : "");
      return tl::unexpected(std::move(error));
    }
    if (route.proxy && route.url.tls) {
      TRY(tunnel(**opened, route));
    }
    if (route.url.tls) {
      if (const auto gone =
              (*opened)->start_tls(settings_.tls, route.url.endpoint.host, deadline)) {
        return tl::unexpected(error_of(*gone, to_text(route.url.endpoint)));
      }
    }
    return std::move(*opened);
  }

  // RFC 9110, 9.3.6.
  static Result<void> tunnel(BlockingConnection& connection, const Route& route) {
    ClientRequest request;
    request.method =
        "HEAD";  // as little body as that: the bytes behind the answer are the tunnel's
    request.url = route.url;
    const std::string to = to_text(route.url.endpoint);
    std::string head = fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n", to, to);
    if (!route.proxy->authorization.empty()) {
      head += fmt::format("Proxy-Authorization: {}\r\n", route.proxy->authorization);
    }
    const CallEnd end = call(connection, request, head + "\r\n");
    const std::string name = "the proxy " + to_text(route.proxy->endpoint);
    if (!end.result) {
      Error error = end.result.error();
      error.message = fmt::format("{} to {}", name, error.message);
      return tl::unexpected(std::move(error));
    }
    const unsigned status = end.result->status;
    if (status / 100 == 2) {
      return {};
    }
    return fail(status == 407 || status == 403 ? ErrorKind::denied : ErrorKind::unavailable,
                fmt::format("{} answers {} to CONNECT {}", name, status, to),
                status == 407 ? "write its user and password into HTTPS_PROXY: http://U:P@HOST:PORT"
                              : "does NO_PROXY have to name the host?");
  }

  HttpClientSettings settings_;
  Pool pool_;
};

}  // namespace

std::unique_ptr<HttpClient> HttpClient::make(HttpClientSettings settings) {
  return std::make_unique<Client>(std::move(settings));
}

}  // namespace toolkit::net

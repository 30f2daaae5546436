#include "tls_context.hpp"

#include "ca_bundle.hpp"

#include <toolkit/base/error.hpp>

#include <fmt/core.h>
#include <openssl/err.h>
#include <sys/stat.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <tuple>

namespace toolkit::net {
namespace {

using Context = std::shared_ptr<SSL_CTX>;
using Identity = std::tuple<dev_t, ino_t, off_t, time_t, long>;

struct Kept {
  Identity identity;
  Context context;
};

// Once for the program. Its configuration file is left alone: it may name modules of the image,
// built for another libc, that would be loaded into a static binary.
bool set_up() {
  static const bool done =
      OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr) == 1;
  return done;
}

tl::unexpected<Trouble> no_tls(std::string words) {
  return tl::unexpected(Trouble{Cause::tls, std::move(words)});
}

tl::expected<Context, Trouble> new_context() {
  Context context(set_up() ? SSL_CTX_new(TLS_client_method()) : nullptr, &SSL_CTX_free);
  if (context == nullptr) {
    return no_tls("OpenSSL cannot be set up");
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

Identity identity_of(const struct stat& status) {
  return {status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
          status.st_mtim.tv_nsec};
}

tl::expected<Context, Trouble> verifying_context(const std::string& bundle) {
  static std::mutex mutex;
  static std::map<std::string, Kept> kept;
  const std::scoped_lock lock(mutex);
  struct stat status {};
  if (::stat(bundle.c_str(), &status) != 0) {
    return no_tls(fmt::format("cannot read {}: {}", bundle, errno_words(errno)));
  }
  if (const auto found = kept.find(bundle);
      found != kept.end() && found->second.identity == identity_of(status)) {
    return found->second.context;
  }
  auto context = new_context();
  if (!context) {
    return context;
  }
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(context->get(), bundle.c_str()) != 1) {
    return no_tls(fmt::format("{} holds no certificates that can be read", bundle));
  }
  kept[bundle] = Kept{identity_of(status), *context};
  return context;
}

}  // namespace

tl::expected<std::shared_ptr<SSL_CTX>, Trouble> tls_context(const TlsOptions& options) {
  if (options.insecure) {
    static const auto context = new_context();
    return context;
  }
  const std::string bundle = ca_bundle(options.ca_file);
  if (bundle.empty()) {
    return no_tls("there are no certificates of authorities here: name a file of them");
  }
  return verifying_context(bundle);
}

}  // namespace toolkit::net

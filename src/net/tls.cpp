#include "tls.hpp"

#include "address.hpp"
#include "certificate_words.hpp"
#include "tls_context.hpp"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace toolkit::net {
namespace {

constexpr std::size_t kReadSize = 16 << 10;  // one record, RFC 8446, 5.1

class Session : public Tls {
 public:
  Session(std::shared_ptr<SSL_CTX> context, std::string name)
      : context_(std::move(context)),
        name_(std::move(name)),
        ssl_(SSL_new(context_.get()), &SSL_free) {}

  // False when OpenSSL has no memory for it.
  bool prepare(bool insecure) {
    BIO* in = ssl_ ? BIO_new(BIO_s_mem()) : nullptr;
    BIO* out = in != nullptr ? BIO_new(BIO_s_mem()) : nullptr;
    if (out == nullptr) {
      BIO_free(in);
      return false;
    }
    BIO_set_mem_eof_return(in, -1);  // empty means later, not the end
    SSL_set_bio(ssl_.get(), in, out);
    SSL_set_connect_state(ssl_.get());
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_verify(ssl_.get(), insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, &note_refusal);
    return expect_name();
  }

  [[nodiscard]] bool is_open() const override { return SSL_is_init_finished(ssl_.get()) == 1; }
  [[nodiscard]] bool is_closed() const override { return closed_; }

  std::optional<Trouble> receive(std::string_view bytes, std::string& inbox) override {
    if (!bytes.empty()) {
      BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
    if (!is_open()) {
      ERR_clear_error();
      if (const int done = SSL_do_handshake(ssl_.get()); done != 1) {
        return trouble_of(SSL_get_error(ssl_.get(), done));
      }
    }
    return decrypt(inbox);
  }

  std::optional<Trouble> send(std::string_view bytes) override {
    ERR_clear_error();
    std::size_t written = 0;
    const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    return done == 1 ? std::nullopt : trouble_of(SSL_get_error(ssl_.get(), done));
  }

  std::string take_outgoing() override {
    BIO* out = SSL_get_wbio(ssl_.get());
    std::string bytes(BIO_ctrl_pending(out), '\0');
    if (!bytes.empty()) {
      BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    }
    return bytes;
  }

 private:
  // Server name indication is for names only (RFC 6066, 3); the certificate must fit either.
  bool expect_name() {
    if (numeric_address(name_, 0)) {
      return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), name_.c_str()) == 1;
    }
    SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl_.get(), name_.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl_.get(), name_.c_str()) == 1;
  }

  static int note_refusal(int accepted, X509_STORE_CTX* store) {
    const auto* ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    if (accepted == 0) {
      auto& session = *static_cast<Session*>(SSL_get_app_data(ssl));
      session.refusal_ = certificate_words(X509_STORE_CTX_get_error(store),
                                           X509_STORE_CTX_get0_cert(store), session.name_);
    }
    return accepted;
  }

  std::optional<Trouble> decrypt(std::string& inbox) {
    std::array<char, kReadSize> buffer;
    while (true) {
      ERR_clear_error();
      std::size_t got = 0;
      const int done = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
      if (done != 1) {
        return trouble_of(SSL_get_error(ssl_.get(), done));
      }
      inbox.append(buffer.data(), got);
    }
  }

  // Nothing when it only wants more bytes.
  std::optional<Trouble> trouble_of(int error) {
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
      return std::nullopt;
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
      closed_ = true;
      return std::nullopt;
    }
    if (!refusal_.empty()) {
      return Trouble{Cause::tls, refusal_};
    }
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_REASON(code);
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
        reason == SSL_R_UNEXPECTED_MESSAGE) {
      return Trouble{Cause::tls, "what answers there does not speak TLS"};
    }
    const char* words = ERR_reason_error_string(code);
    return Trouble{Cause::tls, fmt::format("TLS: {}", words != nullptr ? words : "broken off")};
  }

  std::shared_ptr<SSL_CTX> context_;
  std::string name_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  std::string refusal_;
  bool closed_ = false;
};

}  // namespace

tl::expected<std::unique_ptr<Tls>, Trouble> Tls::start(const TlsOptions& options,
                                                       const std::string& host) {
  auto context = tls_context(options);
  if (!context) {
    return tl::unexpected(context.error());
  }
  auto session =
      std::make_unique<Session>(*context, options.server_name.empty() ? host : options.server_name);
  if (!session->prepare(options.insecure)) {
    return tl::unexpected(Trouble{Cause::tls, "OpenSSL cannot be set up"});
  }
  return session;
}

}  // namespace toolkit::net

#pragma once
// Masking of what must never be printed: credentials in URLs, and the values of variables and
// options whose names say that they are secret.

#include <string>
#include <string_view>

namespace toolkit {

/// Whether a variable of this name holds a secret: *TOKEN*, *SECRET*, *PASSWORD*, *PASSWD*, *_KEY,
/// *CREDENTIAL*, in any case, with - for _ too. (…_KEY_ID and …_KEY_FILE name a key and are not
/// one; TOKENIZER… and MAX_…TOKENS are about text.)
[[nodiscard]] bool is_secret_name(std::string_view name);

/// `text` with passwords in scheme://user:password@ and the values of NAME=value pairs (also
/// --name=value) with secret names replaced by "***". A value ends at its closing quote or a blank.
[[nodiscard]] std::string mask_secrets(std::string_view text);

}  // namespace toolkit

#include "controlplane/identity/exchange.h"

namespace wardline::identity {
namespace {

constexpr std::string_view kClient = " as client", kServer = " as server", kWith = " with ";

}  // namespace

std::string Exchange::text() const {
  std::string text = app;
  text += as_client ? kClient : kServer;
  if (!with.empty()) text.append(kWith).append(with);
  return text;
}

std::optional<Exchange> Exchange::parse(std::string_view text) {
  Exchange exchange;
  // Names of applications and roles hold no blanks, so the words cannot be mistaken.
  const auto as = text.find(" as ");
  if (as == std::string_view::npos) return std::nullopt;
  exchange.app = text.substr(0, as);
  text.remove_prefix(as);
  exchange.as_client = text.starts_with(kClient);
  if (!exchange.as_client && !text.starts_with(kServer)) return std::nullopt;
  text.remove_prefix(kClient.size());
  if (text.empty()) return exchange;
  if (!text.starts_with(kWith)) return std::nullopt;
  exchange.with = text.substr(kWith.size());
  return exchange;
}

}  // namespace wardline::identity

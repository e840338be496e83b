package dev.warren.relay.server.config;

import static dev.warren.relay.server.config.RelayKey.ACCESS;
import static dev.warren.relay.server.config.RelayKey.ACCESS_ALLOWLIST;
import static dev.warren.relay.server.config.RelayKey.ACCESS_DENYLIST;
import static dev.warren.relay.server.config.RelayKey.ACCESS_HTTP_BEARER_TOKEN;
import static dev.warren.relay.server.config.RelayKey.ACCESS_HTTP_URL;
import static dev.warren.relay.server.config.RelayKey.ACCESS_SHARED_TOKEN;

import dev.warren.base.KeyParseException;
import dev.warren.base.NodeId;
import dev.warren.serving.config.ConfigKey;
import dev.warren.serving.config.ConfigReader;
import dev.warren.serving.config.Environment;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The {@code access} key in all its forms (relay-server section 8). */
final class AccessReader {
  private static final String TOKEN = "RELAY_ACCESS_TOKEN";
  private static final String BEARER_TOKEN = "RELAY_HTTP_BEARER_TOKEN";

  private final ConfigReader reader;
  private final Environment environment;

  AccessReader(ConfigReader reader, Environment environment) {
    this.reader = reader;
    this.environment = environment;
  }

  AccessSettings read() {
    reader.text(ACCESS).filter(w -> !w.equals("everyone")).ifPresent(this::notAMode);
    List<RelayKey> chosen =
        Stream.of(ACCESS_ALLOWLIST, ACCESS_DENYLIST, ACCESS_HTTP_URL, ACCESS_SHARED_TOKEN)
            .filter(reader::has)
            .sorted(Comparator.comparingInt(key -> reader.line(key)))
            .toList();
    if (chosen.size() > 1) {
      reader.problem(
          chosen.get(1), "contradicts " + chosen.get(0).path() + ": choose one form of access");
    }
    if (reader.has(ACCESS_HTTP_BEARER_TOKEN) && !reader.has(ACCESS_HTTP_URL)) {
      reader.problem(ACCESS_HTTP_BEARER_TOKEN, "is of no use without access.http.url");
    }
    if (chosen.isEmpty()) {
      if (reader.isEmptyTable("access")) {
        reader.problem(
            reader.lineOfTable("access"),
            "access is an empty table: write access = \"everyone\", or choose a form of access");
      }
      rejectUnusedToken();
      return new AccessSettings.Everyone();
    }
    return switch (chosen.get(0)) {
      case ACCESS_ALLOWLIST -> new AccessSettings.AllowList(nodes(ACCESS_ALLOWLIST));
      case ACCESS_DENYLIST -> new AccessSettings.DenyList(nodes(ACCESS_DENYLIST));
      case ACCESS_HTTP_URL -> http();
      default -> new AccessSettings.SharedTokens(tokens());
    };
  }

  /** Whoever sets the variable means to have a relay that asks for it. */
  private void rejectUnusedToken() {
    if (!reader.has(ACCESS) && environment.get(TOKEN, reader).isPresent()) {
      reader.problem(
          0,
          "the variable for "
              + TOKEN
              + " is set, and no form of access is chosen, so that everyone could connect: write"
              + " access.shared_token = [] to ask for it, or access = \"everyone\"");
    }
  }

  private void notAMode(String word) {
    reader.problem(
        ACCESS,
        "is \"everyone\", or a table with one of allowlist, denylist, http.url and shared_token,"
            + " not \""
            + word
            + '"');
  }

  private Set<NodeId> nodes(ConfigKey key) {
    Set<NodeId> nodes = new LinkedHashSet<>();
    for (ConfigReader.Located id : reader.texts(key).orElse(List.of())) {
      try {
        nodes.add(NodeId.parse(id.text()));
      } catch (KeyParseException e) {
        reader.problem(id.line(), key.path() + ": " + e.getMessage());
      }
    }
    return nodes;
  }

  private AccessSettings http() {
    Optional<String> token =
        environment.get(BEARER_TOKEN, reader).or(() -> reader.text(ACCESS_HTTP_BEARER_TOKEN));
    URI url = reader.text(ACCESS_HTTP_URL).map(this::url).orElse(URI.create("http://invalid/"));
    return new AccessSettings.Http(url, token);
  }

  private URI url(String text) {
    try {
      URI url = new URI(text);
      boolean http = "http".equalsIgnoreCase(url.getScheme());
      if ((http || "https".equalsIgnoreCase(url.getScheme())) && url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Told below.
    }
    reader.problem(ACCESS_HTTP_URL, "is an http or https URL, not \"" + text + '"');
    return URI.create("http://invalid/");
  }

  /** The variable replaces the whole list, so that no file need hold a secret. */
  private List<String> tokens() {
    List<ConfigReader.Located> listed = reader.texts(ACCESS_SHARED_TOKEN).orElse(List.of());
    Optional<String> token = environment.get(TOKEN, reader);
    if (token.isPresent()) {
      requireShowable(0, "the variable for " + TOKEN, token.get());
      return List.of(token.get());
    }
    if (listed.isEmpty() && reader.isRight(ACCESS_SHARED_TOKEN)) {
      reader.problem(
          ACCESS_SHARED_TOKEN,
          "has no token: list one, or set the variable WARREN_" + TOKEN + " or IROH_" + TOKEN);
    }
    listed.forEach(t -> requireShowable(t.line(), ACCESS_SHARED_TOKEN.path(), t.text()));
    return listed.stream().map(ConfigReader.Located::text).toList();
  }

  /** A token with anything else in it, such as the end of a line, no client could send. */
  private void requireShowable(int line, String where, String token) {
    if (token.isEmpty()) {
      reader.problem(line, where + " has an empty token");
    } else if (!token.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      reader.problem(
          line,
          where
              + " has a token that no client can send: only visible ASCII characters without blanks"
              + " fit into a header");
    }
  }
}

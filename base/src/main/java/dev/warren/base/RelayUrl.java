package dev.warren.base;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * The URL of a relay: {@code http} or {@code https}, normalised as a WHATWG URL is (scheme and host
 * lower case, default port dropped, empty path {@code /}).
 *
 * <p>Releases differ in whether a domain ends in a dot (addresses-and-tickets section 2): the text
 * keeps what was given, {@link #toDotted()} is the 0.35 form, and equality takes both as one relay.
 * Immutable.
 */
public final class RelayUrl implements Comparable<RelayUrl> {
  private static final int MAX_LENGTH = 2048;

  private final URI uri;
  private final String text;
  private final String key;

  private RelayUrl(URI uri, String key) {
    this.uri = uri;
    this.text = uri.toString();
    this.key = key;
  }

  /**
   * @throws RelayUrlParseException if it is longer than 2048 characters, not http(s), has user
   *     info, a fragment, no host, or a zone in its host
   */
  public static RelayUrl parse(String text) throws RelayUrlParseException {
    if (text.length() > MAX_LENGTH) {
      throw tooLong(text);
    }
    URI raw = raw(text.strip());
    String scheme = String.valueOf(raw.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new RelayUrlParseException(
          "a relay URL begins with https:// or http://: " + shown(text));
    }
    if (raw.getRawUserInfo() != null || raw.getRawFragment() != null) {
      throw new RelayUrlParseException(
          "a relay URL has no user info and no fragment: " + shown(text));
    }
    String host = raw.getHost();
    if (host == null || host.isEmpty() || host.contains("%")) {
      throw new RelayUrlParseException("the relay URL names no host: " + shown(text));
    }
    host = host.toLowerCase(Locale.ROOT);
    int port = raw.getPort() == (scheme.equals("http") ? 80 : 443) ? -1 : raw.getPort();
    if (port == 0 || port > 65535) {
      throw new RelayUrlParseException("the relay URL has an impossible port: " + shown(text));
    }
    String rest = path(raw);
    String dotted = build(scheme, dotted(host), port, rest).toString();
    if (dotted.length() > MAX_LENGTH) {
      // Normalising adds characters; what is printed must be readable again.
      throw tooLong(dotted);
    }
    return new RelayUrl(build(scheme, host, port, rest), dotted);
  }

  private static RelayUrlParseException tooLong(String text) {
    return new RelayUrlParseException(
        "the relay URL has " + text.length() + " characters; at most " + MAX_LENGTH + " are taken");
  }

  private static URI raw(String text) throws RelayUrlParseException {
    try {
      int start = text.indexOf("://") + 3;
      int end = start;
      while (end < text.length() && "/?#:".indexOf(text.charAt(end)) < 0) {
        end++;
      }
      boolean plain = start < 3 || text.startsWith("[", start) || ascii(text.substring(start, end));
      return new URI(
          plain
              ? text
              : text.substring(0, start)
                  + IDN.toASCII(text.substring(start, end))
                  + text.substring(end));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new RelayUrlParseException("not a URL: " + shown(text));
    }
  }

  private static boolean ascii(String host) {
    return host.chars().allMatch(c -> c < 128);
  }

  private static String path(URI raw) {
    String path = raw.getRawPath() == null || raw.getRawPath().isEmpty() ? "/" : raw.getRawPath();
    return raw.getRawQuery() == null ? path : path + "?" + raw.getRawQuery();
  }

  private static URI build(String scheme, String host, int port, String rest) {
    return URI.create(scheme + "://" + host + (port < 0 ? "" : ":" + port) + rest);
  }

  private static String dotted(String host) {
    boolean address = host.startsWith("[") || host.matches("[0-9.]+");
    return address || host.endsWith(".") ? host : host + ".";
  }

  private static String shown(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  public URI uri() {
    return uri;
  }

  /** True for https. */
  public boolean isSecure() {
    return uri.getScheme().equals("https");
  }

  /** The host for TLS and sockets: no trailing dot, no brackets. */
  public String host() {
    String host = uri.getHost();
    if (host.startsWith("[")) {
      return host.substring(1, host.length() - 1);
    }
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /** The port, with the scheme's default. */
  public int port() {
    return uri.getPort() >= 0 ? uri.getPort() : isSecure() ? 443 : 80;
  }

  /** The form of 0.35: a domain ends in a dot. */
  public String toDotted() {
    return key;
  }

  @Override
  public int compareTo(RelayUrl other) {
    return key.compareTo(other.key);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof RelayUrl other && key.equals(other.key);
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}

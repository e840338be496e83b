package dev.warren.serving.tls;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How to get certificates from an ACME authority. Whoever uses it agrees to the authority's terms
 * of service.
 *
 * @param directory the authority's directory, an https URL
 * @param names host names, all in one certificate; no wildcards, no IP addresses
 * @param contacts mail addresses to which the authority may write; may be empty
 * @param cache a directory for the account's key and the certificate; made if missing, the files
 *     readable by their owner only
 * @param authorityCa certificates in PEM that may sign the authority's own, beside the JDK's; for
 *     authorities of one's own
 * @param firstRetry how long to wait after a failed order; doubles with each further one up to six
 *     hours
 */
public record AcmeOptions(
    URI directory,
    List<String> names,
    List<String> contacts,
    Path cache,
    @Nullable Path authorityCa,
    Duration firstRetry) {
  /** Let's Encrypt. */
  public static final URI LETS_ENCRYPT =
      URI.create("https://acme-v02.api.letsencrypt.org/directory");

  /** Let's Encrypt's authority for tests, whose certificates nobody trusts. */
  public static final URI LETS_ENCRYPT_STAGING =
      URI.create("https://acme-staging-v02.api.letsencrypt.org/directory");

  /**
   * Let's Encrypt allows five failed checks of a name an hour; five minutes, doubled each time,
   * make four.
   */
  public static final Duration FIRST_RETRY = Duration.ofMinutes(5);

  /**
   * @throws IllegalArgumentException if there is no name, a name is no host name, or the directory
   *     is no https URL
   */
  public AcmeOptions {
    if (!"https".equals(directory.getScheme()) || directory.getHost() == null) {
      throw new IllegalArgumentException("an ACME directory is an https URL, not " + directory);
    }
    names = names.stream().map(n -> n.toLowerCase(Locale.ROOT)).distinct().toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException("ACME needs the host names of the server");
    }
    for (String name : names) {
      if (!name.matches("(?!\\d+(\\.\\d+){3}$)[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")) {
        throw new IllegalArgumentException(
            "'" + name + "' is no host name that ACME's TLS-ALPN-01 can check");
      }
    }
    contacts = List.copyOf(contacts);
    if (firstRetry.isNegative() || firstRetry.isZero()) {
      throw new IllegalArgumentException("a retry needs some time before it");
    }
  }

  /** Let's Encrypt for these names. */
  public static AcmeOptions letsEncrypt(
      Collection<String> names, Collection<String> contacts, Path cache) {
    return new AcmeOptions(
        LETS_ENCRYPT, List.copyOf(names), List.copyOf(contacts), cache, null, FIRST_RETRY);
  }

  /** Another authority; {@code authorityCa} null if the JDK trusts it. */
  public AcmeOptions directory(URI url, @Nullable Path authorityCa) {
    return new AcmeOptions(url, names, contacts, cache, authorityCa, firstRetry);
  }

  public AcmeOptions firstRetry(Duration wait) {
    return new AcmeOptions(directory, names, contacts, cache, authorityCa, wait);
  }
}

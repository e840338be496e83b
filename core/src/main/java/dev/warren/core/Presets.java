package dev.warren.core;

import dev.warren.base.RelayUrl;
import dev.warren.base.RelayUrlParseException;
import dev.warren.discovery.dns.DnsDiscovery;
import dev.warren.discovery.local.LocalDiscovery;
import dev.warren.discovery.pkarr.PkarrPublisher;
import dev.warren.discovery.pkarr.PkarrResolver;
import java.net.URI;
import java.util.List;

/**
 * Common choices of who helps to find and reach nodes: {@code
 * Endpoint.builder().preset(Presets.localNetwork()).bind()}. Each adds to what the builder has;
 * none is applied unless it is asked for. Stateless.
 */
public final class Presets {
  /** The relays of the public iroh network, 1.0.3 (relay-server section 1). */
  private static final List<String> N0_RELAYS =
      List.of(
          "https://use1-1.relay.n0.iroh.link./",
          "https://usw1-1.relay.n0.iroh.link./",
          "https://euc1-1.relay.n0.iroh.link./",
          "https://aps1-1.relay.n0.iroh.link./");

  /** Its DNS origin and pkarr relay (discovery sections 5.1 and 6). */
  private static final String N0_ORIGIN = "dns.iroh.link.";

  private static final String N0_PKARR = "https://dns.iroh.link/pkarr";

  private Presets() {}

  /** Nobody: no relay, no discovery. Peers are dialled by tickets with direct addresses. */
  public static Preset minimal() {
    return builder -> {};
  }

  /**
   * The local network: nodes find each other by multicast, and tell it their direct addresses.
   * Nothing leaves the link.
   */
  public static Preset localNetwork() {
    return builder -> builder.discovery(LocalDiscovery.factory());
  }

  /**
   * Your own servers, with nobody else, and the local network: the relays, and a DNS server (such
   * as {@code warren dns}) that answers for {@code origin} by DNS and takes records by HTTPS at
   * {@code https://<origin>/pkarr}. It is told our relay only.
   */
  public static Preset selfHosted(List<RelayUrl> relays, String origin) {
    String host = origin.endsWith(".") ? origin.substring(0, origin.length() - 1) : origin;
    return selfHosted(relays, origin, URI.create("https://" + host + "/pkarr"));
  }

  /** As above, with records taken elsewhere: {@code pkarr} is the URL of a pkarr relay. */
  public static Preset selfHosted(List<RelayUrl> relays, String origin, URI pkarr) {
    return builder -> {
      relays.forEach(builder::relay);
      builder
          .discovery(PkarrPublisher.builder(pkarr))
          .discovery(DnsDiscovery.builder(origin))
          .discovery(LocalDiscovery.factory());
    };
  }

  /**
   * The public infrastructure that the iroh project runs, at its own terms: its relays see our IP
   * address and whom we talk to, its DNS server publishes our relay to everybody who knows our id.
   * Peers that use it, as iroh does by default, find us and are found.
   */
  public static Preset n0() {
    return builder -> {
      N0_RELAYS.forEach(url -> builder.relay(relay(url)));
      builder
          .discovery(PkarrPublisher.builder(URI.create(N0_PKARR)))
          .discovery(PkarrResolver.builder(URI.create(N0_PKARR)))
          .discovery(DnsDiscovery.builder(N0_ORIGIN));
    };
  }

  private static RelayUrl relay(String url) {
    try {
      return RelayUrl.parse(url);
    } catch (RelayUrlParseException e) {
      throw new AssertionError(e);
    }
  }
}

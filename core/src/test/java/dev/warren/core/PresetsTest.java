package dev.warren.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.base.RelayUrl;
import dev.warren.discovery.dns.DnsDiscovery;
import dev.warren.discovery.local.LocalDiscovery;
import dev.warren.discovery.pkarr.PkarrPublisher;
import dev.warren.discovery.pkarr.PkarrResolver;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What presets set; nothing is bound, so nobody is contacted. */
class PresetsTest {
  private static EndpointBuilder with(Preset preset) {
    return Endpoint.builder().preset(preset);
  }

  @Test
  void theDefaultContactsNobody() {
    for (EndpointBuilder builder : List.of(Endpoint.builder(), with(Presets.minimal()))) {
      assertThat(builder.relays).isEmpty();
      assertThat(builder.discovery).isEmpty();
    }
  }

  @Test
  void theLocalNetworkNeedsNoServer() {
    EndpointBuilder builder = with(Presets.localNetwork());
    assertThat(builder.relays).isEmpty();
    assertThat(builder.discovery).hasSize(1);
  }

  @Test
  void selfHostedNamesOnlyYourOwn() throws Exception {
    RelayUrl relay = RelayUrl.parse("https://relay.example");
    EndpointBuilder builder = with(Presets.selfHosted(List.of(relay), "nodes.example"));
    assertThat(builder.relays).containsExactly(relay);
    assertThat(builder.discovery)
        .hasSize(3)
        .hasAtLeastOneElementOfType(PkarrPublisher.Builder.class)
        .hasAtLeastOneElementOfType(DnsDiscovery.Builder.class);
  }

  @Test
  void n0NamesThePublicRelaysAndServers() {
    EndpointBuilder builder = with(Presets.n0());
    assertThat(builder.relays)
        .hasSize(4)
        .allSatisfy(url -> assertThat(url.host()).endsWith(".relay.n0.iroh.link"));
    assertThat(builder.discovery)
        .hasSize(3)
        .hasAtLeastOneElementOfType(PkarrPublisher.Builder.class)
        .hasAtLeastOneElementOfType(PkarrResolver.Builder.class)
        .hasAtLeastOneElementOfType(DnsDiscovery.Builder.class)
        .noneSatisfy(f -> assertThat(f).isInstanceOf(LocalDiscovery.class));
  }
}

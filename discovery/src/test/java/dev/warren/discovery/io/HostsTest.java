package dev.warren.discovery.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {
  private final List<Runnable> blocking = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "255.255.255.255", "::1", "2001:db8::1"})
  void anAddressNeedsNoThreadThatMayBlock(String address) throws Exception {
    assertThat(Hosts.lookup(address, null, blocking::add).get(1, TimeUnit.SECONDS))
        .containsExactly(InetAddress.getByName(address));
    assertThat(blocking).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "256.0.0.1", "1.2.3", "1.2.3.4.5", "0127.0.0.1"})
  void whatTheSystemMightLookUpDoes(String name) {
    assertThat(Hosts.lookup(name, null, blocking::add)).isNotDone();
    assertThat(blocking).hasSize(1);
  }

  @Test
  void theAuthoritiesAreReadWhereItMayBlock() throws Exception {
    Tls tls = Tls.of(null);
    var lookup = Hosts.lookup("127.0.0.1", tls, blocking::add);
    assertThat(tls.isPrepared()).isFalse();
    blocking.get(0).run();
    assertThat(tls.isPrepared()).isTrue();
    assertThat(lookup.get(1, TimeUnit.SECONDS)).hasSize(1);
  }

  @Test
  void whatIsNoAddressIsSaid() {
    assertThatThrownBy(() -> Hosts.lookup("1:2:3", null, blocking::add).get(1, TimeUnit.SECONDS))
        .hasMessageContaining("1:2:3 is not known");
  }
}

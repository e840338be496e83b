package dev.warren.dns.server.store;

import static dev.warren.dns.server.store.Packets.await;
import static dev.warren.dns.server.store.Packets.key;
import static dev.warren.dns.server.store.Packets.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryPacketStoreTest extends PacketStoreContract {
  @Override
  protected PacketStore open() {
    return new MemoryPacketStore();
  }

  @Test
  void aFullStoreRefusesNewKeysAndStillUpdatesThoseItHas() throws Exception {
    try (MemoryPacketStore small = new MemoryPacketStore(1)) {
      await(small.upsert(packet(key(1), 1, "first")));
      assertThatThrownBy(() -> await(small.upsert(packet(key(2), 1, "second"))))
          .hasMessageContaining("full at 1 keys");
      assertThat(await(small.upsert(packet(key(1), 2, "again")))).isEqualTo(Upsert.UPDATED);
    }
  }
}

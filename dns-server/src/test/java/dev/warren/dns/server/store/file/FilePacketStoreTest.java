package dev.warren.dns.server.store.file;

import static dev.warren.dns.server.store.Packets.await;
import static dev.warren.dns.server.store.Packets.key;
import static dev.warren.dns.server.store.Packets.packet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warren.discovery.wire.SignedPacket;
import dev.warren.dns.server.store.PacketStore;
import dev.warren.dns.server.store.PacketStoreContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePacketStoreTest extends PacketStoreContract {
  @TempDir Path temp;

  @Override
  protected PacketStore open() throws Exception {
    return FilePacketStore.open(temp.resolve("packets"));
  }

  @Test
  void whatWasStoredIsThereAfterEachOfSeveralStarts() throws Exception {
    Path directory = temp.resolve("again");
    List<SignedPacket> all = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      try (FilePacketStore store = FilePacketStore.open(directory)) {
        for (SignedPacket packet : all) {
          assertThat(await(store.get(packet.nodeId()))).contains(packet);
        }
        SignedPacket packet = packet(key(round), 1, "round=" + round);
        await(store.upsert(packet));
        all.add(packet);
        assertThat(store.size()).isEqualTo(all.size());
      }
    }
  }

  @Test
  void whatWasEvictedIsNotThereAfterAStart() throws Exception {
    Path directory = temp.resolve("evicted");
    try (FilePacketStore store = FilePacketStore.open(directory)) {
      await(store.upsert(packet(key(1), 10, "old")));
      assertThat(await(store.evict(11, 1))).isEqualTo(1);
    }
    try (FilePacketStore store = FilePacketStore.open(directory)) {
      assertThat(await(store.get(key(1).nodeId()))).isEmpty();
      assertThat(await(store.evict(Long.MAX_VALUE, 10))).isZero();
    }
  }

  @Test
  void theTableIsNeverCommittedInTheMiddleOfAReplacement() throws Exception {
    // MVStore would do so by itself once some MB are unsaved.
    Path file = temp.resolve("table.mv.db");
    PacketTable.create(file, StoreId.random());
    PacketTable table = PacketTable.open(file, 1);
    SignedPacket packet = packet(key(1), 1, "n=".repeat(100));
    for (int i = 0; table.unsaved() < 40 << 20; i++) {
      byte[] bytes = packet.toBytes();
      java.nio.ByteBuffer.wrap(bytes).putInt(i);
      table.replace(null, bytes);
    }
    table.abandon();
    try (PacketTable again = PacketTable.open(file, 1)) {
      assertThat(again.size()).isZero();
    }
  }
}

package dev.warren.benchmarks;

import dev.warren.base.SecretKey;
import dev.warren.discovery.wire.TxtRecords;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Section;

/**
 * A name server and a pkarr relay on loopback that always answer the same, as fast as they can. The
 * records say that nobody may remember them.
 */
final class LookupServers implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final DatagramSocket dns = new DatagramSocket(0, LOOPBACK);
  private final ServerSocket http = new ServerSocket(0, 50, LOOPBACK);
  private final TxtRecords records;
  private final Name owner;
  private final byte[] answer;

  LookupServers(TxtRecords records, SecretKey key, Name owner) throws IOException {
    this.records = records;
    this.owner = owner;
    byte[] payload = records.sign(key, Duration.ZERO, 1).relayPayload();
    byte[] head =
        ("HTTP/1.1 200 OK\r\nContent-Length: " + payload.length + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    this.answer = Arrays.copyOf(head, head.length + payload.length);
    System.arraycopy(payload, 0, answer, head.length, payload.length);
    start(this::serveDns);
    start(this::serveHttp);
  }

  InetSocketAddress dns() {
    return new InetSocketAddress(LOOPBACK, dns.getLocalPort());
  }

  URI pkarr() {
    return URI.create("http://127.0.0.1:" + http.getLocalPort() + "/pkarr");
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
  }

  private void serveDns() {
    DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
    while (!dns.isClosed()) {
      try {
        packet.setLength(1500);
        dns.receive(packet);
        Message query = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
        Message reply = new Message(query.getHeader().getID());
        reply.getHeader().setFlag(Flags.QR);
        reply.addRecord(query.getQuestion(), Section.QUESTION);
        records
            .toRecords(owner, Duration.ZERO)
            .forEach(record -> reply.addRecord(record, Section.ANSWER));
        byte[] bytes = reply.toWire();
        dns.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
      } catch (IOException e) {
        // The client is gone, or all is over.
      }
    }
  }

  private void serveHttp() {
    while (!http.isClosed()) {
      try {
        Socket client = http.accept();
        start(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(client.getInputStream());
      OutputStream out = client.getOutputStream();
      int newlines = 0;
      for (int b = in.read(); b >= 0; b = in.read()) {
        newlines = b == '\n' ? newlines + 1 : b == '\r' ? newlines : 0;
        if (newlines == 2) {
          out.write(answer);
          newlines = 0;
        }
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  @Override
  public void close() throws IOException {
    dns.close();
    http.close();
  }
}

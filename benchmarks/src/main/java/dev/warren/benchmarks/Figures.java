package dev.warren.benchmarks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Named series of measurements, and what is said of them at the end. */
final class Figures {
  private final String what;
  private final boolean json;
  private final Map<String, List<Double>> series = new LinkedHashMap<>();
  private final Map<String, Double> results = new LinkedHashMap<>();

  Figures(String what, boolean json) {
    this.what = what;
    this.json = json;
  }

  void add(String name, double value) {
    series.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    if (!json) {
      System.out.printf(Locale.ROOT, "  %-40s %12.3f%n", name, value);
    }
  }

  double median(String name) {
    double[] sorted = series.get(name).stream().mapToDouble(d -> d).sorted().toArray();
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }

  void result(String name, double value) {
    results.put(name, value);
  }

  /** The median of the rounds' own ratios: each round's neighbours met the same noise. */
  void ratio(String name, String of, String to) {
    List<Double> a = series.get(of);
    List<Double> b = series.get(to);
    double[] ratios = new double[a.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = a.get(i) / b.get(i);
    }
    Arrays.sort(ratios);
    int n = ratios.length;
    results.put(name, n % 2 == 1 ? ratios[n / 2] : (ratios[n / 2 - 1] + ratios[n / 2]) / 2);
  }

  void print() throws IOException {
    series.keySet().forEach(name -> results.putIfAbsent(name, median(name)));
    if (json) {
      StringWriter text = new StringWriter();
      try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
        out.writeStartObject();
        out.writeStringField("benchmark", what);
        for (Map.Entry<String, Double> e : results.entrySet()) {
          out.writeNumberField(e.getKey(), Math.round(e.getValue() * 1000) / 1000.0);
        }
        out.writeEndObject();
      }
      System.out.println(text);
    } else {
      System.out.println(what + " (medians):");
      results.forEach((k, v) -> System.out.printf(Locale.ROOT, "  %-40s %12.3f%n", k, v));
    }
  }
}

"""Tests of the unit u05_cnn_layers."""

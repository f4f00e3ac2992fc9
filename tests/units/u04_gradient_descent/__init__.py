"""Tests of unit u04_gradient_descent."""
